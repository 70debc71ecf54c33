// SPDX-License-Identifier: Apache-2.0
//
// The text of commands whose results are printed as they come.
#include "base/text.hpp"
#include "core/records/file_record.hpp"
#include "core/selection/scope.hpp"
#include "report/layout.hpp"
#include "report/render.hpp"

namespace ib {
namespace {

constexpr std::size_t kSizeWidth = 8;
constexpr std::size_t kShortDigest = 12;

std::string padded_left(const std::string& text, std::size_t width)
{
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string padded_right(std::string text, std::size_t width)
{
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string size_time_path(const FileRecord& record)
{
  const std::chrono::sys_time<std::chrono::nanoseconds> mtime{
      std::chrono::nanoseconds(record.mtime_ns)};
  return padded_left(format_bytes(record.content.size), kSizeWidth) + "  " +
         (record.content.has_sha1 ? format_iso(std::chrono::floor<std::chrono::seconds>(mtime))
                                  : "time not known yet  ") +
         "  " + printable(record.path);
}

std::string interval(const PathState& state)
{
  if (state.until == state.record.since)
    return format_iso(state.record.since);  // it lasted no time
  return format_iso(state.record.since) + " to " + (state.until ? format_iso(*state.until) : "now");
}

/// "", or what else than being in the library there is to say of it.
std::string standing(const PathState& state)
{
  const FileRecord& record = state.record;
  if (record.archived) return "  (gone since " + format_iso(record.since) + ")";
  return state.until ? "  (until " + format_iso(*state.until) + ")" : "";
}

std::string state_text(const HistoryEntry& entry)
{
  const FileRecord& record = entry.state.record;
  const std::string object = printable(record.object_name().value);
  const std::string what =
      record.archived ? "gone from the library; the store keeps its last content"
                      : std::string(event_word(entry.event)) + ", " +
                            format_bytes(record.content.size) + ", sha256 " +
                            record.content.sha256.hex().substr(0, kShortDigest) + ", in " + object;
  return "  " + padded_right(interval(entry.state), 44) + "  " + what + "\n";
}

std::string amount_of(DifferenceKind kind, const FileAmount& amount)
{
  if (amount.files == 0) return {};
  return some(amount.files, difference_word(kind)) + " (" + format_bytes(amount.bytes) + ")";
}

}  // namespace

std::string_view event_word(PathEvent event)
{
  switch (event) {
    case PathEvent::added:
      return "new";
    case PathEvent::changed:
      return "changed";
    case PathEvent::archived:
      return "gone";
    case PathEvent::returned:
      return "back";
    case PathEvent::stored_again:
      return "stored again";
    case PathEvent::kept_aside:
      return "kept aside";
  }
  return "changed";
}

std::string_view difference_word(DifferenceKind kind)
{
  switch (kind) {
    case DifferenceKind::added:
      return "added";
    case DifferenceKind::changed:
      return "changed";
    case DifferenceKind::gone:
      return "gone";
    case DifferenceKind::moved:
      return "moved";
  }
  return "changed";
}

std::string restore_command(const HistoryEntry& entry, const std::string& restore)
{
  const FileRecord& record = entry.state.record;
  return restore +
         (entry.restore_at ? " --at " + format_iso(*entry.restore_at)
                           : " --sha256 " + record.content.sha256.hex()) +
         " --target DIR " + shell_quoted(pattern_of_path(record.path));
}

std::string ls_line(const FileRecord& record)
{
  return size_time_path(record) + (record.archived ? "  (gone)" : "") + "\n";
}

std::string history_text(const PathHistory& history, const std::string& restore)
{
  std::string text = printable(history.path) + "\n";
  for (const HistoryEntry& entry : history.entries) {
    text += state_text(entry);
    if (!entry.state.record.archived) text += "      " + restore_command(entry, restore) + "\n";
  }
  return text;
}

std::string found_line(const PathState& state, const std::string& file)
{
  if (file.empty()) return size_time_path(state.record) + standing(state) + "\n";
  return printable(file) + " = " + printable(state.record.path) + standing(state) + "\n";
}

std::string not_found_line(const Problem& problem)
{
  return printable_message(problem.message) + "\n";
}

std::string find_summary(const FindReport& report)
{
  if (report.files < 2) return {};
  return format_count(report.files_found) + " of " +
         count_of(report.files, "file is", "files are") + " in the backup\n";
}

std::string difference_line(const Difference& difference)
{
  const FileVersion& version = *(difference.after ? difference.after : difference.before);
  std::string line = padded_right(std::string(difference_word(difference.kind)), 7) + "  " +
                     padded_left(format_bytes(version.size), kSizeWidth) + "  " +
                     printable(difference.path);
  if (difference.kind == DifferenceKind::moved)
    line += "  from " + printable(difference.moved_from);
  return line + "\n";
}

std::string diff_summary(const DiffReport& report)
{
  std::string sums;
  for (const DifferenceKind kind : kDifferenceKinds)
    sums = list({sums, amount_of(kind, report.totals[kind])});
  return format_iso(report.from) + " to " + format_iso(report.to) + ": " +
         (sums.empty() ? "no difference" : sums) + "\n";
}

}  // namespace ib
