// SPDX-License-Identifier: Apache-2.0
#include "report/metrics.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

namespace ib {
namespace {

constexpr std::string_view kPrefix = "immich_backup_";

struct Family {
  std::string_view name;
  std::string_view help;
};

// All are gauges, since each run begins anew.
constexpr std::array kFamilies{
    Family{"last_run_timestamp_seconds", "When the last run ended."},
    Family{"last_success_timestamp_seconds",
           "When the last run ended that ended with exit status 0."},
    Family{"last_exit_status", "The exit status of the last run."},
    Family{"last_duration_seconds", "How long the last run took."},
    Family{"problems", "Problems that the last run named."},
    Family{"restore_point_timestamp_seconds", "The newest restore point."},
    Family{"restore_point_complete", "Whether the newest restore point is complete: 1 or 0."},
    Family{"restore_point_covers",
           "Whether the newest restore point was made with this part: 1 or 0."},
    Family{"complete_restore_point_timestamp_seconds",
           "The newest restore point that is complete, with files and database."},
    Family{"restore_points", "Restore points in the store."},
    Family{"files", "Files that the last backup met, by what it found."},
    Family{"stored_files", "Files that the backup holds."},
    Family{"stored_bytes", "Bytes of the files that the backup holds."},
    Family{"uploaded_objects", "Objects that the last backup sent."},
    Family{"uploaded_bytes", "Bytes that the last backup sent."},
    Family{"database_bytes", "Size of the last dump, compressed."},
    Family{"database_assets", "Assets in the last dump."},
    Family{"originals", "Originals that the database names, by what the audit found."},
    Family{"run_cost_usd", "What the last run cost, in US dollars."},
    Family{"monthly_cost_usd", "What the store costs a month, in US dollars."},
    Family{"seeding", "1 while a backup that has not sent everything yet gets on."},
    Family{"seeding_left_bytes", "Bytes of the library that are still to be read."},
    Family{"last_progress_timestamp_seconds",
           "When the bytes of a backup were last seen to advance."},
    Family{"verified_objects", "Objects that the last verification looked at, by what it found."},
    Family{"read_back_bytes", "Bytes that the last verification read back and compared."},
    Family{"last_verified_timestamp_seconds", "The last verification that the store knows of."},
    Family{"last_verified_ok", "Whether that found everything whole: 1 or 0."},
    Family{"drill_proven_timestamp_seconds", "The last drill in which a restore worked."},
    Family{"proven_since_timestamp_seconds",
           "Every file of the library as of then has been read back since, and was whole. "
           "Absent until each was."},
};

std::string number(double value)
{
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end.ptr};
}

double count(std::uint64_t value)
{
  return static_cast<double>(value);
}

/// A line of ours, taken apart.
struct Line {
  std::string_view family;
  std::string_view series;  ///< name and labels
  std::string_view command;
};

/// Nothing where the line is a comment, or none that we could have written.
std::optional<Line> take_apart(std::string_view line)
{
  constexpr std::string_view kLabel = "{command=\"";
  if (!line.starts_with(kPrefix)) return std::nullopt;
  const std::size_t labels = line.find('{');
  const std::size_t space = line.find(' ');
  if (labels == std::string_view::npos || space == std::string_view::npos || labels > space)
    return std::nullopt;
  const std::string_view family = line.substr(kPrefix.size(), labels - kPrefix.size());
  const std::string_view series = line.substr(0, space);
  const std::string_view written = series.substr(labels);
  const bool ours = std::ranges::find(kFamilies, family, &Family::name) != kFamilies.end() &&
                    written.starts_with(kLabel) && written.ends_with("\"}") &&
                    std::ranges::all_of(written, [](char c) {
                      return (c >= 'a' && c <= 'z') || std::string_view("{}=\",_-").contains(c);
                    });
  if (!ours || !parse_number<double>(line.substr(space + 1))) return std::nullopt;
  const std::string_view command = written.substr(kLabel.size());
  return Line{.family = family, .series = series, .command = command.substr(0, command.find('"'))};
}

/// What an earlier text has to go on saying.
struct Kept {
  std::string_view family;
  std::string_view line;
};

}  // namespace

void Metrics::set(std::string_view family, double value, std::string_view label,
                  std::string_view of)
{
  IB_ASSERT(std::ranges::find(kFamilies, family, &Family::name) != kFamilies.end());
  std::string line = std::string(kPrefix) + std::string(family) + "{command=\"" + command_ + "\"";
  if (!label.empty()) line += "," + std::string(label) + "=\"" + std::string(of) + "\"";
  samples_.push_back({.family = family, .line = line + "} " + number(value)});
}

void Metrics::set(std::string_view family, Timestamp time)
{
  set(family, static_cast<double>(time.time_since_epoch().count()));
}

std::string Metrics::text(std::string_view previous) const
{
  std::vector<Kept> kept;
  std::set<std::string_view> seen;  // a series that is there twice would make all of it unreadable
  while (!previous.empty()) {
    const std::string_view text = previous.substr(0, previous.find('\n'));
    previous.remove_prefix(std::min(text.size() + 1, previous.size()));
    const std::optional<Line> line = take_apart(text);
    if (!line || !seen.insert(line->series).second) continue;
    const bool replaced =
        line->command == command_ &&
        std::ranges::find(samples_, line->family, &Sample::family) != samples_.end();
    if (!replaced) kept.push_back({.family = line->family, .line = text});
  }
  std::string out;
  for (const Family& family : kFamilies) {
    std::string lines;
    for (const Kept& line : kept) {
      if (line.family == family.name) lines += std::string(line.line) + "\n";
    }
    for (const Sample& sample : samples_) {
      if (sample.family == family.name) lines += sample.line + "\n";
    }
    if (lines.empty()) continue;
    const std::string name = std::string(kPrefix) + std::string(family.name);
    out += "# HELP " + name;
    out += ' ';
    out += family.help;
    out += "\n# TYPE " + name;
    out += " gauge\n";
    out += lines;
  }
  return out;
}

void tell_end(Metrics& metrics, Timestamp now, std::chrono::milliseconds elapsed, int exit_status,
              std::size_t problems)
{
  metrics.set("last_run_timestamp_seconds", now);
  if (exit_status == 0) metrics.set("last_success_timestamp_seconds", now);
  metrics.set("last_exit_status", exit_status);
  metrics.set("last_duration_seconds", static_cast<double>(elapsed.count()) / 1000);
  metrics.set("problems", count(problems));
}

void tell_progress(Metrics& metrics, Timestamp now)
{
  metrics.set("seeding", 1);
  metrics.set("last_progress_timestamp_seconds", now);
}

namespace {

void tell_files(Metrics& metrics, const BackupReport& report)
{
  const auto files = [&](std::string_view kind, std::uint64_t number_of) {
    metrics.set("files", count(number_of), "kind", kind);
  };
  files("scanned", report.plan.scanned);
  files("unchanged", report.plan.unchanged);
  files("new", report.added);
  files("changed", report.changed);
  files("touched", report.touched);
  files("moved", report.moved);
  files("copied", report.copied);
  files("returned", report.returned);
  files("archived", report.archived);
  files("failed", report.failed);
  files("rehashed", report.rehashed);
  files("suspect", report.suspect);
}

void tell_stored(Metrics& metrics, const FileCounts& totals)
{
  metrics.set("stored_files", count(totals.files), "kind", "current");
  metrics.set("stored_files", count(totals.archived), "kind", "archived");
  metrics.set("stored_files", count(totals.versions), "kind", "versions");
  metrics.set("stored_bytes", count(totals.bytes), "kind", "current");
  metrics.set("stored_bytes", count(totals.archived_bytes), "kind", "archived");
}

void tell_audit(Metrics& metrics, const Audit& audit)
{
  const auto originals = [&](std::string_view kind, std::uint64_t number_of) {
    metrics.set("originals", count(number_of), "kind", kind);
  };
  originals("named", audit.originals);
  originals("protected", audit.protected_originals());
  originals("unproven", audit.stored);
  originals("missing", audit.missing);
  originals("differing", audit.differs);
  originals("accepted", audit.accepted);
}

void tell_seeding(Metrics& metrics, const BackupReport& report, Timestamp now)
{
  const bool got_on = report.uploaded_bytes > 0 || report.found_stored > 0;
  // A run that has sent nothing must not silence an alert, however much is left.
  metrics.set("seeding", report.seeding && got_on ? 1 : 0);
  metrics.set("seeding_left_bytes", report.seeding ? count(report.seeding->bytes_left) : 0);
  if (got_on) metrics.set("last_progress_timestamp_seconds", now);
}

}  // namespace

void tell(Metrics& metrics, const BackupReport& report, Timestamp now)
{
  if (report.restore_point) {
    metrics.set("restore_point_timestamp_seconds", *report.restore_point);
    metrics.set("restore_point_complete", report.complete ? 1 : 0);
    metrics.set("restore_point_covers", report.files_covered ? 1 : 0, "part", "files");
    metrics.set("restore_point_covers", report.database ? 1 : 0, "part", "database");
    if (report.complete && report.files_covered && report.database)
      metrics.set("complete_restore_point_timestamp_seconds", *report.restore_point);
    tell_stored(metrics, report.totals);
  }
  tell_files(metrics, report);
  metrics.set("uploaded_objects", count(report.uploaded_objects));
  metrics.set("uploaded_bytes", count(report.uploaded_bytes));
  if (report.database) {
    metrics.set("database_bytes", count(report.database->bytes));
    metrics.set("database_assets", count(report.database->assets));
  }
  if (report.audit) tell_audit(metrics, *report.audit);
  if (report.cost) {
    metrics.set("run_cost_usd", report.cost->once);
    metrics.set("monthly_cost_usd", report.cost->monthly);
  }
  tell_seeding(metrics, report, now);
}

void tell(Metrics& metrics, const VerifyReport& report, Timestamp /*now*/)
{
  const auto objects = [&](std::string_view kind, std::uint64_t number_of) {
    metrics.set("verified_objects", count(number_of), "kind", kind);
  };
  objects("named", report.objects);
  objects("present", report.present);
  objects("damaged", report.damaged);
  objects("unknown", report.unknown_objects);
  objects("compared", report.read_back);
  metrics.set("read_back_bytes", count(report.read_back_bytes));
  if (report.restore_point) metrics.set("restore_point_timestamp_seconds", *report.restore_point);
  if (report.cost) metrics.set("run_cost_usd", *report.cost);
}

void tell(Metrics& metrics, const DrillReport& report, Timestamp /*now*/)
{
  metrics.set("verified_objects", count(report.files), "kind", "named");
  metrics.set("verified_objects", count(report.damaged), "kind", "damaged");
  metrics.set("verified_objects", count(report.read_back), "kind", "compared");
  metrics.set("read_back_bytes", count(report.read_back_bytes));
  metrics.set("restore_point_timestamp_seconds", report.restore_point);
  if (report.proven_since) metrics.set("proven_since_timestamp_seconds", *report.proven_since);
  if (report.cost) metrics.set("run_cost_usd", *report.cost);
}

void tell(Metrics& metrics, const StatusReport& report, Timestamp /*now*/)
{
  metrics.set("restore_points", count(report.restore_points));
  if (report.newest) {
    metrics.set("restore_point_timestamp_seconds", report.newest->time);
    metrics.set("restore_point_complete", report.newest->is_complete() ? 1 : 0);
    tell_stored(metrics, report.newest->counts);
  }
  if (report.newest_complete && report.newest_complete->database)
    metrics.set("complete_restore_point_timestamp_seconds", report.newest_complete->time);
  if (report.last_verified) {
    metrics.set("last_verified_timestamp_seconds", *report.last_verified);
    metrics.set("last_verified_ok", report.last_verified_ok ? 1 : 0);
  }
  if (report.drill_proven) metrics.set("drill_proven_timestamp_seconds", *report.drill_proven);
  if (report.proven_since) metrics.set("proven_since_timestamp_seconds", *report.proven_since);
}

}  // namespace ib
