// SPDX-License-Identifier: Apache-2.0
#include "report/find.hpp"

#include "base/text.hpp"
#include "report/layout.hpp"
#include "report/listing.hpp"
#include "report/listing_json.hpp"

namespace ib {
namespace {

/// "", or what else there is to say of it than that it is in the library.
std::string standing(const PathState& state)
{
  const FileRecord& record = state.record;
  if (state.placed) return "  (where Immich names it: a restore puts it there)";
  if (record.archived) return "  (gone since " + format_iso(state.since.started) + ")";
  return state.until ? "  (until " + format_iso(state.until->started) + ")" : "";
}

}  // namespace

Outcome outcome_of(const FindReport& report)
{
  return outcome_by_problems(report.header);
}

std::string found_line(const PathState& state, const std::string& file)
{
  if (file.empty()) return size_time_path(state.record) + standing(state) + "\n";
  return printable(file) + " = " + printable(state.record.path) + standing(state) + "\n";
}

std::string found_json(const PathState& state, const std::string& file)
{
  Json json = path_object(state.record.path);
  add_record(json, state.record);
  add_interval(json, state);
  if (!file.empty()) json["file"] = to_utf8(file);
  return json_text(json);
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

std::string listing_json_end(const FindReport& report)
{
  return listing_end(report.header, outcome_of(report),
                     {{"files_looked_for", report.files}, {"files_in_backup", report.files_found}});
}

}  // namespace ib
