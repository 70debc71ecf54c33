// SPDX-License-Identifier: Apache-2.0
#include "report/rebuild_manifest.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

namespace ib {

Outcome outcome_of(const RebuildReport& report)
{
  return report.restore_point || report.redated ? outcome_by_problems(report.header)
                                                : Outcome::failed;
}

namespace {

std::string redated_text(const RebuildReport& report)
{
  Rows rows;
  for (const Redated& each : *report.redated)
    rows.add(&each == &report.redated->front() ? "redated" : "",
             printable(each.from.value) + " is " + printable(each.to.value) + " now");
  if (report.redated->empty()) rows.add("redated", "nothing: nothing is dated after this clock");
  rows.add_notes(report.header.notes);
  rows.add("restore point", report.restore_point
                                ? "the newest is that of " + format_iso(*report.restore_point)
                                : "there is none");
  return rows.text();
}

}  // namespace

std::string to_text(const RebuildReport& report)
{
  if (report.redated) return redated_text(report);
  Rows rows;
  rows.add("based on", report.based_on ? printable(report.based_on->value)
                                       : "the store's objects alone: no manifest could be read");
  rows.add("store",
           list({count_of(report.objects, "object that holds a file", "objects that hold files"),
                 some(report.read_back, "read back")}));
  if (report.added > 0)
    rows.add("added",
             count_of(report.added, "content", "contents") + " that the manifest did not know");
  if (report.dropped > 0) {
    rows.add("dropped",
             count_of(report.dropped, "entry whose object is", "entries whose objects are") +
                 " missing or damaged; the next backup stores the files again");
  }
  rows.add("library", files_of_size(report.totals.files, report.totals.bytes));
  rows.add_notes(report.header.notes);
  rows.add("restore point", (report.restore_point ? format_iso(*report.restore_point) + ": "
                                                  : "none was written: ") +
                                verdict_and_time(report.header, outcome_of(report), "rebuilt"));
  return rows.text() + problems_text(report.header.problems, report.restore_point);
}

std::string to_json(const RebuildReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  json["restore_point"] = time_or_null(report.restore_point);
  json["based_on"] = report.based_on ? Json(to_utf8(report.based_on->value)) : Json(nullptr);
  json["objects"] = {{"found", report.objects},
                     {"read_back", report.read_back},
                     {"added", report.added},
                     {"dropped", report.dropped}};
  json["manifest"] = object_or_null(report.manifest);
  json["totals"] = to_object(report.totals);
  Json redated = Json::array();
  for (const Redated& each : report.redated.value_or(std::vector<Redated>{}))
    redated.push_back({{"from", to_utf8(each.from.value)}, {"to", to_utf8(each.to.value)}});
  json["redated"] = std::move(redated);
  return json_line(json);
}

}  // namespace ib
