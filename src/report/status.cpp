// SPDX-License-Identifier: Apache-2.0
#include "report/status.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"
#include "report/restore_points.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace ib {
namespace {

std::string time_and_age(Timestamp time, Timestamp now)
{
  return format_iso(time) + (time <= now ? ", " + format_duration(now - time) + " ago" : "");
}

std::string verdict_of(const RestorePoint& point)
{
  const std::string problems =
      point.problem_count == 0 ? "" : ", " + count_of(point.problem_count, "problem", "problems");
  if (point.is_complete()) return "complete" + coverage_note(point.covers) + problems;
  return "incomplete" + problems;
}

std::string library_row(const FileCounts& counts)
{
  std::string files = files_of_size(counts.files, counts.bytes);
  if (counts.archived == 0) return files;
  return files + ", and " + format_count(counts.archived) + " gone from it but kept (" +
         format_bytes(counts.archived_bytes) + ")";
}

std::string verified_row(const StatusReport& report)
{
  if (report.may_not_read_proofs) return "not known";
  if (!report.last_verified) return "never: `immich-backup verify` does it";
  const std::string when = time_and_age(*report.last_verified, report.now);
  if (report.last_verified_ok) return when + ": no damage found";
  if (report.damage_found == report.last_verified)
    return when + ": damage was found; `immich-backup verify` names it";
  return when + ": what was found damaged on " + format_iso(*report.damage_found) +
         " has not been found whole since";
}

/// Not only when one last worked: a later one that did not work counts for more.
std::string drill_row(const StatusReport& report)
{
  const std::string how = "`immich-backup verify-restore` tries a restore";
  if (!report.last_drill) return "none yet: " + how;
  const std::string when = time_and_age(*report.last_drill, report.now);
  if (report.last_drill == report.drill_proven) return when + ": a restore was tried, and worked";
  return when + ": it did not prove that a restore works; " +
         (report.drill_proven ? "the last one that did is of " + format_iso(*report.drill_proven)
                              : "none has yet") +
         ". " + how + " again";
}

std::string restore_from_row(const StatusReport& report)
{
  std::string text = format_iso(report.restores->time);
  if (report.restores->is_complete()) return text;
  return text + ", incomplete; " +
         (report.newest_complete
              ? "the newest complete one is of " + format_iso(report.newest_complete->time)
              : "no restore point is complete");
}

}  // namespace

std::vector<std::string> encryption_rows(const RestorePoint& point,
                                         std::optional<std::uint64_t> opened_objects)
{
  std::vector<std::string> lines;
  std::uint64_t objects = 0;
  for (const RecipientSet& set : point.recipients) {
    objects += set.objects;
    lines.push_back(count_of(set.objects, "object", "objects") + " to " +
                    (set.keys.empty() ? "keys that are not known" : printable(set.keys.front())));
    for (std::size_t i = 1; i < set.keys.size(); ++i)
      lines.push_back("and to " + printable(set.keys[i]));
  }
  if (opened_objects)
    lines.push_back("the identity that you gave opens " + format_count(*opened_objects) + " of " +
                    format_count(objects));
  return lines;
}

Outcome outcome_of(const StatusReport& report)
{
  if (report.last_verified && !report.last_verified_ok) return Outcome::damaged;
  if (!report.newest || !report.newest->is_complete() || report.newest->problem_count > 0)
    return Outcome::incomplete;
  return outcome_by_problems(report.header);
}

std::string to_text(const StatusReport& report)
{
  Rows rows;
  rows.add("store", printable(report.header.store));
  if (!report.newest) {
    rows.add("restore point", "none yet: `immich-backup backup` makes the first");
  } else {
    const RestorePoint& newest = *report.newest;
    rows.add("restore point", time_and_age(newest.time, report.now) + ": " + verdict_of(newest) +
                                  (newest.seeding ? ", " + describe(*newest.seeding) : ""));
    rows.add("library", library_row(newest.counts));
    if (newest.not_covered)
      rows.add("", count_of(newest.not_covered->files, "file is", "files are") +
                       " not covered by the backup any more: not looked at since " +
                       format_iso(newest.not_covered->since));
    rows.add("database",
             newest.database ? describe(*newest.database) : "not in this restore point");
  }
  if (report.newest) {
    const std::vector<std::string> lines = encryption_rows(*report.newest, report.opened_objects);
    for (const std::string& line : lines)
      rows.add(&line == &lines.front() ? "encrypted" : "", line);
    if (report.nobody_has_opened_it)
      rows.add(
          "",
          "nobody has opened a photo of it yet: `immich-backup verify-restore --identity FILE` "
          "shows that yours does");
  }
  rows.add("verified", verified_row(report));
  if (report.last_verified) rows.add("", describe_proof(report.proven_since));
  if (report.newest) rows.add("drill", drill_row(report));
  if (report.restores) rows.add("restore from", restore_from_row(report));
  for (const std::string& doubt : report.doubts)
    rows.add("", "a restore asks first: " + printable_message(doubt));
  std::string kept = count_of(report.restore_points, "restore point", "restore points");
  if (report.manifests.objects > 0)
    kept += ", in " + count_of(report.manifests.objects, "manifest", "manifests") + " of " +
            format_bytes(report.manifests.bytes);
  rows.add("kept", kept);
  if (!report.unfinished_runs.empty()) {
    rows.add("unfinished",
             count_of(report.unfinished_runs.size(), "run", "runs") +
                 ": still going on, or interrupted; the next backup finds what was stored");
  }
  rows.add_notes(report.header.notes);
  std::string text = rows.text() + problems_text(report.header.problems, std::nullopt);
  if (report.newest && !report.newest->problems.empty())
    text += "\nThe newest run had " +
            problems_text(report.newest->problems, report.newest->time).substr(1);
  return text;
}

namespace {

/// The restore point's document has more of them.
Json first_of(const std::vector<Problem>& problems)
{
  constexpr std::size_t kMost = 20;
  const auto end =
      problems.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(problems.size(), kMost));
  return to_array(std::vector<Problem>(problems.begin(), end));
}

Json to_object(const StatusReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  json["newest"] = object_or_null(report.newest);
  json["newest_problems"] = report.newest ? first_of(report.newest->problems) : Json::array();
  json["newest_complete"] = object_or_null(report.newest_complete);
  json["restores"] = report.restores ? Json(format_iso(report.restores->time)) : Json(nullptr);
  json["doubts"] = to_array(report.doubts);
  json["age_s"] = report.newest
                      ? Json(std::max<std::int64_t>(0, (report.now - report.newest->time).count()))
                      : Json(nullptr);
  json["restore_points"] = report.restore_points;
  json["manifests"] = {{"objects", report.manifests.objects}, {"bytes", report.manifests.bytes}};
  json["last_verified"] = time_or_null(report.last_verified);
  json["last_verified_ok"] = report.last_verified ? Json(report.last_verified_ok) : Json(nullptr);
  json["damage_found"] = time_or_null(report.damage_found);
  json["last_drill"] = time_or_null(report.last_drill);
  json["drill_proven"] = time_or_null(report.drill_proven);
  json["proven_since"] = time_or_null(report.proven_since);
  json["unfinished_runs"] = to_array(report.unfinished_runs);
  json["encrypted"] = report.newest && !report.newest->recipients.empty();
  json["opened_before"] = !report.nobody_has_opened_it;
  json["identity_opens"] = report.opened_objects ? Json(*report.opened_objects) : Json(nullptr);
  return json;
}

/// One store's cells: its address, newest restore point, last verification and what is kept.
std::array<std::string, 4> cells_of(const StatusReport& report)
{
  const std::string store = printable(report.header.store);
  if (!report.newest && !report.header.problems.empty()) return {store, "not known", "", ""};
  const auto age = [&](Timestamp time) { return format_duration(report.now - time) + " ago"; };
  return {store,
          report.newest ? age(report.newest->time) + ", " + verdict_of(*report.newest) : "none yet",
          report.may_not_read_proofs ? "not known"
          : !report.last_verified    ? "never"
          : report.last_verified_ok  ? age(*report.last_verified) + ", no damage"
                                     : age(*report.last_verified) + ", DAMAGED",
          count_of(report.restore_points, "restore point", "restore points")};
}

}  // namespace

std::string to_json(const StatusReport& report)
{
  return json_line(to_object(report));
}

Outcome outcome_of(const StatusOfStores& report)
{
  Outcome worst = outcome_by_problems(report.header);
  for (const StatusReport& store : report.stores) worst = std::max(worst, outcome_of(store));
  return worst;
}

std::string to_text(const StatusOfStores& report)
{
  std::vector<std::array<std::string, 4>> lines{{"store", "newest", "verified", "kept"}};
  for (const StatusReport& store : report.stores) lines.push_back(cells_of(store));
  std::string text;
  for (const std::array<std::string, 4>& line : lines) {
    std::string row;
    for (std::size_t column = 0; column < line.size(); ++column) {
      std::size_t width = 0;
      for (const auto& each : lines) width = std::max(width, each[column].size());
      row += padded_right(line[column], width + 2);
    }
    text += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
  }
  for (const StatusReport& store : report.stores) {
    for (const std::string& doubt : store.doubts)
      text += printable(store.header.store) +
              ": a restore asks first: " + printable_message(doubt) + "\n";
    text += problems_text(store.header.problems, std::nullopt);
  }
  return text;
}

std::string to_json(const StatusOfStores& report)
{
  Json json = header_object(report.header, outcome_of(report));
  json["stores"] = Json::array();
  for (const StatusReport& store : report.stores) json["stores"].push_back(to_object(store));
  return json_line(json);
}

}  // namespace ib
