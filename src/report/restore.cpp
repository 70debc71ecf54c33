// SPDX-License-Identifier: Apache-2.0
#include "report/restore.hpp"

#include "base/text.hpp"
#include "net/bandwidth_timetable.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

namespace ib {
namespace {

std::string restored_row(const RestoreReport& report)
{
  const std::string target = " to " + printable(report.target);
  if (report.dry_run) return files_of_size(report.selected, report.selected_bytes) + target;
  return files_of_size(report.restored, report.restored_bytes) + target +
         (report.restored == 0 ? "" : ": each compared with what was recorded");
}

std::string cost_row(const RestoreReport& report)
{
  if (!report.cost) return {};
  return format_dollars(*report.cost) + (report.dry_run ? " at most" : "") +
         " (retrieval, network and operations)";
}

std::string duration_row(const RestoreReport& report)
{
  if (report.bytes_per_second == 0) return {};
  const bool at_once = report.duration < std::chrono::seconds(1);
  return (at_once ? "under 1 s" : format_duration(report.duration)) + " at " +
         format_rate(report.bytes_per_second) +
         (report.rate_is_limited ? ", as --bwlimit has it"
                                 : " (100 Mbit/s); --bwlimit says how fast it may be");
}

}  // namespace

Outcome outcome_of(const RestoreReport& report)
{
  if (report.damaged > 0) return Outcome::damaged;
  const bool nothing_there = report.restored + report.kept + report.whole == 0;
  if (!report.dry_run && !report.header.problems.empty() && nothing_there) return Outcome::failed;
  return outcome_by_problems(report.header);
}

std::string to_text(const RestoreReport& report)
{
  Rows rows;
  if (report.assets) {
    rows.add("chosen", count_of(*report.assets, "asset", "assets") +
                           ", with the other halves of live photos, and sidecars");
  }
  rows.add(report.dry_run ? "would restore" : "restored", restored_row(report));
  rows.add("there already",
           list({some(report.whole, "with the right content"),
                 some(report.kept, "left alone (--overwrite if-different replaces them)")}));
  if (report.damaged > 0) {
    rows.add("damaged",
             count_of(report.damaged, "file", "files") +
                 ": the store's bytes are not what was recorded; nothing of it was written");
  }
  rows.add(report.dry_run ? "would cost" : "cost", cost_row(report));
  rows.add("would take", duration_row(report));
  if (report.dump)
    rows.add("database",
             printable(*report.dump) +
                 ": Immich 2.5 and later restores it, on the first page of a new server "
                 "or in Administration, Maintenance; or say restore-database");
  if (report.album_json) rows.add("album list", printable(*report.album_json));
  rows.add_notes(report.header.notes);
  rows.add("restore point",
           format_iso(report.restore_point) + ": " +
               verdict_and_time(report.header, outcome_of(report),
                                report.dry_run ? "dry run, nothing was written" : "restored"));
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_json(const RestoreReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  json["dry_run"] = report.dry_run;
  json["restore_point"] = format_iso(report.restore_point);
  json["target"] = to_utf8(report.target);
  json["files"] = {{"selected", report.selected}, {"selected_bytes", report.selected_bytes},
                   {"restored", report.restored}, {"restored_bytes", report.restored_bytes},
                   {"kept", report.kept},         {"whole", report.whole},
                   {"damaged", report.damaged}};
  json["assets"] = report.assets ? Json(*report.assets) : Json(nullptr);
  json["dump"] = report.dump ? Json(to_utf8(*report.dump)) : Json(nullptr);
  json["album_json"] = report.album_json ? Json(to_utf8(*report.album_json)) : Json(nullptr);
  json["foreseen"] = !report.dry_run ? Json(nullptr)
                                     : Json{{"bytes_per_second", report.bytes_per_second},
                                            {"limited", report.rate_is_limited},
                                            {"seconds", report.duration.count()}};
  json["requests"] = to_object(report.usage);
  json["cost_usd"] = dollars_or_null(report.cost);
  return json_line(json);
}

}  // namespace ib
