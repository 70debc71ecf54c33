// SPDX-License-Identifier: Apache-2.0
#include "report/restore_database.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

#include <algorithm>

namespace ib {

namespace {

/// What a restore point says of it, or what is known without one.
std::string described_dump(const DatabaseRestoreReport& report)
{
  if (report.restore_point) return describe(report.dump);
  const std::string& name = report.dump_file.empty() ? report.dump.object.value : report.dump_file;
  return printable(name) + " (" + format_bytes(report.dump.bytes) + ")";
}

}  // namespace

Outcome outcome_of(const DatabaseRestoreReport& report)
{
  return outcome_by_problems(report.header);
}

std::string to_text(const DatabaseRestoreReport& report)
{
  Rows rows;
  rows.add("dump", described_dump(report));
  rows.add("database",
           printable_message(report.database) + ": " + count_of(report.assets, "asset", "assets"));
  if (report.counted) {
    const bool agree = std::ranges::none_of(report.header.problems, [](const Problem& problem) {
      return problem.code == "rows_differ";
    });
    rows.add("rows", count_of(report.rows, "row", "rows") + " in " +
                         count_of(report.tables, "table", "tables") +
                         (agree ? ": each table as many as the dump" : " in the dump"));
  }
  rows.add_notes(report.header.notes);
  rows.add(report.dump_file.empty() ? "restore point" : "result",
           (report.restore_point ? format_iso(*report.restore_point) + ": " : "") +
               verdict_and_time(report.header, outcome_of(report), "restored"));
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_json(const DatabaseRestoreReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  json["restore_point"] = time_or_null(report.restore_point);
  json["dump"] = report.dump_file.empty() ? to_object(report.dump) : Json(nullptr);
  json["dump_file"] = report.dump_file.empty() ? Json(nullptr) : Json(to_utf8(report.dump_file));
  json["database"] = to_utf8(report.database);
  json["assets"] = report.assets;
  json["created"] = report.created;
  json["replaced"] = report.replaced;
  json["rows"] = {{"counted", report.counted}, {"tables", report.tables}, {"rows", report.rows}};
  json["more_than_immichs"] =
      report.more_than_immichs ? Json(*report.more_than_immichs) : Json(nullptr);
  json["held_by"] = report.held_by.empty() ? Json(nullptr) : Json(to_utf8(report.held_by));
  json["settings"] = to_array(report.settings);
  return json_line(json);
}

}  // namespace ib
