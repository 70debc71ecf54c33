// SPDX-License-Identifier: Apache-2.0
#include "report/restore_points.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

namespace ib {
namespace {

std::string restore_point_line(const RestorePoint& point, bool without_its_dump)
{
  constexpr std::size_t kCountWidth = 15;
  const std::string verdict = point.is_complete() ? "complete  " : "incomplete";
  const std::string line =
      format_iso(point.time) + "  " + verdict + "  " +
      padded_left(count_of(point.counts.files, "file ", "files"), kCountWidth) + "  " +
      size_column(point.counts.bytes);
  if (!point.database) return line + "  no dump\n";
  if (without_its_dump) return line + "  dump removed (too old to be kept)\n";
  return line + "  dump " + size_column(point.database->bytes) + "  Immich " +
         printable(point.database->immich_version) + (point.database->suspect ? ", suspect" : "") +
         (point.database->left_out.empty() ? "" : ", without all of its data") +
         coverage_note(point.covers) + "\n";
}

}  // namespace

std::string coverage_note(const Coverage& covers)
{
  if (covers.files == covers.database) return {};
  return covers.files ? ", of the files alone" : ", of the database alone";
}

Outcome outcome_of(const RestorePointsReport& report)
{
  return outcome_by_problems(report.header);
}

std::string to_text(const RestorePointsReport& report)
{
  std::string text;
  for (const RestorePoint& point : report.restore_points)
    text += restore_point_line(point, report.without_their_dump.contains(point.time));
  if (text.empty()) text = "no restore points\n";
  Rows notes;
  notes.add_notes(report.header.notes);
  return text + notes.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_json(const RestorePointsReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  Json points = Json::array();
  for (const RestorePoint& point : report.restore_points) {
    Json object = to_object(point);
    if (point.database) object["dump_present"] = !report.without_their_dump.contains(point.time);
    points.push_back(std::move(object));
  }
  json["restore_points"] = std::move(points);
  return json_line(json);
}

}  // namespace ib
