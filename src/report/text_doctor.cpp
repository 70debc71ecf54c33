// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "report/layout.hpp"
#include "report/render.hpp"

#include <algorithm>

namespace ib {
namespace {

constexpr std::size_t kVerdictWidth = 9;
constexpr std::size_t kNameWidth = 16;
constexpr std::size_t kWidth = 110;

std::string padded(std::string text, std::size_t width)
{
  text.resize(std::max(width, text.size() + 1), ' ');
  return text;
}

std::string spoken(std::string name)
{
  std::ranges::replace(name, '_', ' ');
  return name;
}

/// `text` in lines of words, the later ones after `indent`.
std::string wrapped(std::string_view text, const std::string& indent)
{
  std::string out;
  std::size_t column = indent.size();
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (column > indent.size() && column + 1 + space > kWidth) {
      out += "\n" + indent;
      column = indent.size();
    } else if (!out.empty()) {
      out += ' ';
      ++column;
    }
    out += text.substr(0, space);
    column += space;
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return out;
}

std::string check_lines(const Check& check)
{
  const std::string indent(2 + kVerdictWidth + kNameWidth, ' ');
  std::string text = "  " + padded(std::string(verdict_word(check.verdict)), kVerdictWidth) +
                     padded(spoken(check.name), kNameWidth) +
                     wrapped(printable_message(check.message), indent) + "\n";
  // Not wrapped: a command is to be copied.
  if (!check.fix.empty()) text += indent + "-> " + printable_message(check.fix) + "\n";
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

}  // namespace ib
