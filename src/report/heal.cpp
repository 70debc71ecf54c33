// SPDX-License-Identifier: Apache-2.0
#include "report/heal.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

#include <algorithm>

namespace ib {
namespace {

using State = HealReport::State;

std::string_view state_word(State state)
{
  if (state == State::whole) return "whole";
  return state == State::missing ? "missing" : "different";
}

void add_file(Rows& rows, const HealReport::File& file, bool dry_run)
{
  if (file.state == State::whole) {
    rows.add("whole", printable(file.path));
    return;
  }
  const std::string_view done = file.healed ? "healed" : "not healed";
  rows.add(dry_run ? "would heal" : done,
           printable(file.path) + ": " +
               (file.state == State::missing ? "missing" : "not what is stored"));
}

std::string what_was_done(const HealReport& report)
{
  const auto is_whole = [](const HealReport::File& file) { return file.state == State::whole; };
  if (std::ranges::all_of(report.files, is_whole)) return "nothing to heal";
  return report.dry_run ? "nothing was written: --yes does it"
                        : count_of(report.healed, "file", "files") + " healed";
}

}  // namespace

Outcome outcome_of(const HealReport& report)
{
  return report.damaged > 0 ? Outcome::damaged : outcome_by_problems(report.header);
}

std::string to_text(const HealReport& report)
{
  Rows rows;
  for (const HealReport::File& file : report.files) add_file(rows, file, report.dry_run);
  if (report.cost)
    rows.add("cost", format_dollars(*report.cost) + (report.dry_run ? " at most" : ""));
  rows.add_notes(report.header.notes);
  rows.add("library", verdict_and_time(report.header, outcome_of(report), what_was_done(report)));
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_json(const HealReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  json["dry_run"] = report.dry_run;
  json["files"] = Json::array();
  for (const HealReport::File& file : report.files) {
    json["files"].push_back(
        {{"path", to_utf8(file.path)}, {"state", state_word(file.state)}, {"healed", file.healed}});
  }
  json["healed"] = report.healed;
  json["damaged"] = report.damaged;
  json["requests"] = to_object(report.usage);
  json["cost_usd"] = dollars_or_null(report.cost);
  return json_line(json);
}

}  // namespace ib
