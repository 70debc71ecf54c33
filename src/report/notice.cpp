// SPDX-License-Identifier: Apache-2.0
#include "report/notice.hpp"

#include "base/suggestion.hpp"
#include "base/text.hpp"
#include "report/layout.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <ranges>

namespace ib {
namespace {

using Json = nlohmann::ordered_json;

// Discord takes 2,000 characters, and a template may have two of these.
constexpr std::size_t kMostProblems = 10;
constexpr std::size_t kLongestText = 900;
constexpr std::size_t kLongestBody = 10'000;

/// At most `limit` bytes of UTF-8, ending with a whole character.
std::string cut(std::string text, std::size_t limit)
{
  if (text.size() <= limit) return text;
  constexpr std::string_view kDots = "...";
  return std::string(front_of(text, limit - kDots.size())) + std::string(kDots);
}

std::string line_of(const Problem& problem)
{
  const std::string path = problem.path.empty() ? "" : printable(problem.path) + ": ";
  return path + printable_message(problem.message) + " (" + problem.code + ")";
}

std::string lines_of(const std::vector<Problem>& problems)
{
  std::string lines;
  for (const Problem& problem : problems | std::views::take(kMostProblems))
    lines += (lines.empty() ? "" : "\n") + to_utf8(line_of(problem));
  if (problems.size() > kMostProblems)
    lines += "\nand " + format_count(problems.size() - kMostProblems) + " more";
  return lines;
}

/// The newest lines that fit.
std::string newest_of(const std::vector<std::string>& log, std::size_t limit)
{
  std::string lines;
  for (const std::string& line : log | std::views::reverse) {
    const std::string safe = cut(to_utf8(printable_message(line)), limit / 2);
    if (lines.size() + safe.size() + 1 > limit) break;
    if (!lines.empty()) lines.insert(0, 1, '\n');
    lines.insert(0, safe);
  }
  return lines;
}

struct Placeholder {
  std::string_view name;
  std::string (*value)(const Notice&);
};

constexpr std::array kPlaceholders{
    Placeholder{"command", [](const Notice& notice) { return notice.command; }},
    Placeholder{"result", [](const Notice& notice) { return std::string(notice.result); }},
    Placeholder{"exit_status",
                [](const Notice& notice) { return std::to_string(notice.exit_status); }},
    Placeholder{"store",
                [](const Notice& notice) { return cut(to_utf8(notice.store), kLongestText); }},
    Placeholder{"summary", [](const Notice& notice) { return summary_of(notice); }},
    Placeholder{"problems",
                [](const Notice& notice) { return cut(lines_of(notice.problems), kLongestText); }},
    Placeholder{"problem_count",
                [](const Notice& notice) { return std::to_string(notice.problems.size()); }},
    Placeholder{"log", [](const Notice& notice) { return newest_of(notice.log, kLongestText); }},
    Placeholder{"duration", [](const Notice& notice) { return format_duration(notice.elapsed); }},
    Placeholder{"restore_point",
                [](const Notice& notice) {
                  return notice.restore_point ? format_iso(*notice.restore_point)
                                              : std::string("none");
                }},
    Placeholder{"time", [](const Notice& notice) { return format_iso(notice.ended); }},
};

/// What `{name}` at the beginning of `text` names; empty where there is none.
std::string_view placeholder_at(std::string_view text)
{
  const std::size_t end = text.find('}');
  if (!text.starts_with('{') || end == std::string_view::npos || end == 1) return {};
  const std::string_view name = text.substr(1, end - 1);
  const bool word =
      std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  return word ? name : std::string_view();
}

using Replace = std::function<std::string(std::string_view name)>;

/// In one pass: what is put in is not looked at again.
std::string replaced(std::string_view text, const Replace& value_of)
{
  std::string out;
  while (!text.empty()) {
    const std::string_view name = placeholder_at(text);
    if (name.empty()) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += value_of(name);
      text.remove_prefix(name.size() + 2);
    }
  }
  return out;
}

std::string value_of(std::string_view name, const Notice& notice)
{
  const auto* found = std::ranges::find(kPlaceholders, name, &Placeholder::name);
  return found == kPlaceholders.end() ? std::string() : found->value(notice);
}

void fill(Json& json, const Replace& value)
{
  if (json.is_string()) json = replaced(json.get<std::string>(), value);
  if (!json.is_structured()) return;
  for (Json& element : json) fill(element, value);
}

/// Whether a person meant JSON: "{result} of ..." is a placeholder in plain text.
bool begins_like_json(std::string_view text)
{
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return false;
  if (text[begin] != '{') return false;
  const std::size_t next = text.find_first_not_of(" \t\r\n", begin + 1);
  return next != std::string_view::npos && text[next] == '"';
}

}  // namespace

std::string summary_of(const Notice& notice)
{
  std::string text = notice.command + ": " + std::string(notice.result);
  if (!notice.problems.empty())
    text += ", " + count_of(notice.problems.size(), "problem", "problems");
  if (notice.restore_point) text += ", restore point " + format_iso(*notice.restore_point);
  return text + ", " + format_duration(notice.elapsed);
}

std::string subject_of(const Notice& notice)
{
  constexpr std::size_t kLongestSubject = 300;
  std::string text = "immich-backup: " + notice.command + " " + std::string(notice.result);
  if (!notice.store.empty()) text += " (" + to_utf8(notice.store) + ")";
  return cut(std::move(text), kLongestSubject);
}

std::string last_lines_of(const Notice& notice)
{
  std::string text = summary_of(notice) + "\n";
  if (!notice.problems.empty()) text += lines_of(notice.problems) + "\n";
  text = cut(std::move(text), kLongestBody / 2);
  return text + newest_of(notice.log, kLongestBody / 2);
}

Result<NoticeTemplate> NoticeTemplate::parse(std::string text)
{
  const Json json = Json::parse(text, nullptr, false);
  const bool is_json = json.is_structured();
  if (!is_json && begins_like_json(text)) {
    return fail(Errc::invalid, "this begins like JSON and is none",
                "Quotes within a text need a backslash, and placeholders stand within texts: "
                "\"{result}\".");
  }
  if (!is_valid_utf8(text)) return fail(Errc::invalid, "this is not UTF-8");
  std::string unknown;
  const Replace look = [&](std::string_view name) {
    if (std::ranges::find(kPlaceholders, name, &Placeholder::name) == kPlaceholders.end())
      unknown = name;
    return std::string();
  };
  if (is_json) {
    Json copy = json;
    ib::fill(copy, look);
  } else {
    static_cast<void>(replaced(text, look));  // for what it meets
  }
  if (unknown.empty()) return NoticeTemplate(std::move(text), is_json);
  std::vector<std::string_view> known;
  std::string names;
  for (const Placeholder& placeholder : kPlaceholders) {
    known.push_back(placeholder.name);
    names += (names.empty() ? "{" : ", {") + std::string(placeholder.name) + "}";
  }
  const std::string guess = did_you_mean(unknown, known);
  return fail(Errc::invalid, "there is no placeholder {" + unknown + "}",
              (guess.empty() ? "" : guess + " ") + "There are " + names + ".");
}

std::string NoticeTemplate::fill(const Notice& notice) const
{
  const Replace value = [&](std::string_view name) { return to_utf8(value_of(name, notice)); };
  if (!is_json_) return replaced(text_, value);
  Json json = Json::parse(text_, nullptr, false);
  ib::fill(json, value);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ib
