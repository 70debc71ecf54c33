// SPDX-License-Identifier: Apache-2.0
#include "report/drill.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

namespace ib {
namespace {

std::string_view verdict_word(Proof::Verdict verdict)
{
  switch (verdict) {
    case Proof::Verdict::proven:
      return "proven";
    case Proof::Verdict::not_proven:
      return "not proven";
    case Proof::Verdict::damaged:
      return "damaged";
  }
  return "not proven";
}

std::string what_is_proven(const DrillReport& report)
{
  const std::uint64_t lost = report.originals - report.protected_originals;
  const std::string but = lost == 0 ? "" : ", but for " + count_of(lost, "original", "originals");
  if (!report.restored) return "its files can be restored";
  return "it can be restored" + but;
}

}  // namespace

Outcome outcome_of(const DrillReport& report)
{
  return report.damaged > 0 ? Outcome::damaged : outcome_by_problems(report.header);
}

std::string to_text(const DrillReport& report)
{
  Rows rows;
  if (report.dump)
    rows.add("dump",
             describe(*report.dump) + (report.dump_read ? ": whole, to its last line" : ""));
  if (report.restored) {
    rows.add("database", "restored on " + printable_message(report.server) + ": " +
                             count_of(report.rows, "row", "rows") + " in " +
                             count_of(report.tables, "table", "tables"));
    rows.add("proof", format_count(report.protected_originals) + " of " +
                          count_of(report.originals, "original", "originals") +
                          " that it names come back where it names them, as Immich recorded them");
  }
  for (const std::string& thing : report.left_out) rows.add("left out", printable(thing));
  rows.add("read back", count_of(report.read_back, "file", "files") + " of " +
                            format_count(report.files) + " (" +
                            format_bytes(report.read_back_bytes) +
                            "), each restored and compared byte for byte");
  if (report.files > 0 && report.weeks > 0)
    rows.add("all of them",
             "within " + count_of(report.weeks, "week", "weeks") + ", with a drill in each");
  rows.add("", describe_proof(report.proven_since));
  if (report.damaged > 0)
    rows.add("damaged", count_of(report.damaged, "thing is", "things are") + " not as recorded");
  if (report.cost) rows.add("cost", format_dollars(*report.cost) + " for this drill");
  rows.add_notes(report.header.notes);
  rows.add(verdict_word(report.verdict),
           format_iso(report.restore_point) + ": " +
               verdict_and_time(report.header, outcome_of(report), what_is_proven(report)));
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_json(const DrillReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  json["restore_point"] = format_iso(report.restore_point);
  json["verdict"] = word_for(report.verdict);
  json["dump"] =
      report.dump ? Json{{"object", to_utf8(report.dump->object.value)}, {"read", report.dump_read}}
                  : Json(nullptr);
  json["database"] = {{"restored", report.restored},
                      {"server", to_utf8(report.server)},
                      {"tables", report.tables},
                      {"rows", report.rows},
                      {"left_out", report.left_out},
                      {"more_than_immichs",
                       report.more_than_immichs ? Json(*report.more_than_immichs) : Json(nullptr)}};
  json["originals"] = {{"named", report.originals}, {"protected", report.protected_originals}};
  json["files"] = {{"total", report.files}, {"due", report.due}};
  json["read_back"] = {{"objects", report.read_back}, {"bytes", report.read_back_bytes}};
  json["proven_since"] = time_or_null(report.proven_since);
  json["weeks"] = report.weeks;
  json["damaged"] = report.damaged;
  json["requests"] = to_object(report.usage);
  json["cost_usd"] = dollars_or_null(report.cost);
  return json_line(json);
}

}  // namespace ib
