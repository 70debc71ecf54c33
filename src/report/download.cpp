// SPDX-License-Identifier: Apache-2.0
#include "report/download.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

namespace ib {

Outcome outcome_of(const DownloadReport& report)
{
  return report.damaged > 0 ? Outcome::damaged : outcome_by_problems(report.header);
}

std::string to_text(const DownloadReport& report)
{
  Rows rows;
  rows.add("restore point", format_iso(report.restore_point));
  rows.add("photos", format_count(report.photos));
  rows.add("files", format_count(report.files) + ", " + format_bytes(report.bytes));
  if (report.cold_files > 0) rows.add("in a cold class", format_count(report.cold_files));
  if (report.missing > 0) rows.add("missing", format_count(report.missing));
  if (report.cost) rows.add("cost", format_dollars(*report.cost));
  rows.add_notes(report.header.notes);
  return rows.text();
}

std::string to_json(const DownloadReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  json["restore_point"] = format_iso(report.restore_point);
  json["photos"] = report.photos;
  json["files"] = report.files;
  json["bytes"] = report.bytes;
  json["cold_files"] = report.cold_files;
  json["missing"] = report.missing;
  json["damaged"] = report.damaged;
  json["cost_usd"] = dollars_or_null(report.cost);
  return json_line(json);
}

}  // namespace ib
