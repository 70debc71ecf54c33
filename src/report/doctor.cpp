// SPDX-License-Identifier: Apache-2.0
#include "report/doctor.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

#include <algorithm>

namespace ib {
namespace {

constexpr std::size_t kVerdictWidth = 9;
constexpr std::size_t kNameWidth = 16;
constexpr std::size_t kWidth = 110;

std::string_view verdict_word(Verdict verdict)
{
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::warning:
      return "warning";
    case Verdict::problem:
      return "problem";
    case Verdict::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string spoken(std::string name)
{
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::string check_lines(const Check& check)
{
  constexpr std::size_t kIndent = 2 + kVerdictWidth + kNameWidth;
  const std::string beginning =
      padded_right("  " + std::string(verdict_word(check.verdict)), 2 + kVerdictWidth) +
      padded_right(spoken(check.name) + " ", kNameWidth);
  std::string text =
      beginning + wrapped(printable_message(check.message), kIndent, kIndent, kWidth) + "\n";
  // Not wrapped: a command is to be copied.
  if (!check.fix.empty())
    text += std::string(kIndent, ' ') + "-> " + printable_message(check.fix) + "\n";
  return text;
}

std::string summary(const std::vector<Check>& checks)
{
  const auto count = [&](Verdict verdict) {
    return static_cast<std::uint64_t>(std::ranges::count(checks, verdict, &Check::verdict));
  };
  const std::string found = list(
      {count(Verdict::problem) == 0 ? "" : count_of(count(Verdict::problem), "problem", "problems"),
       count(Verdict::warning) == 0 ? "" : count_of(count(Verdict::warning), "warning", "warnings"),
       some(count(Verdict::unknown), "unknown")});
  return (found.empty() ? "all well" : found) + " (" + count_of(checks.size(), "check", "checks") +
         "; nothing was changed)\n";
}

}  // namespace

Outcome outcome_of(const DoctorReport& report)
{
  return outcome_by_problems(report.header);
}

std::string to_text(const DoctorReport& report)
{
  std::string text;
  std::string area;
  for (const Check& check : report.checks) {
    if (check.area != area) {
      area = check.area;
      text += (text.empty() ? "" : "\n") + area + "\n";
    }
    text += check_lines(check);
  }
  Rows notes;
  notes.add_notes(report.header.notes);
  return text + "\n" + notes.text() + summary(report.checks);
}

std::string to_json(const DoctorReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  Json checks = Json::array();
  for (const Check& check : report.checks) {
    Json item{{"area", check.area},
              {"name", check.name},
              {"verdict", verdict_word(check.verdict)},
              {"message", to_utf8(check.message)}};
    if (!check.fix.empty()) item["fix"] = to_utf8(check.fix);
    checks.push_back(std::move(item));
  }
  json["checks"] = std::move(checks);
  json["requests"] = to_object(report.usage);
  return json_line(json);
}

}  // namespace ib
