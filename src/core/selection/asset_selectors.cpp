// SPDX-License-Identifier: Apache-2.0
#include "core/selection/asset_selectors.hpp"

#include "base/text.hpp"

namespace ib {
namespace {

constexpr std::string_view kRange = "..";

/// `text` as a number, if it has exactly `size` digits and nothing else.
std::optional<int> number(std::string_view text, std::size_t size)
{
  const std::optional<int> value = parse_number<int>(text);
  return text.size() == size && value && *value >= 0 ? value : std::nullopt;
}

/// Parses a year, a month or a day.
std::optional<TakenRange> parse_period(std::string_view text)
{
  constexpr std::size_t kYear = 4, kMonth = 7, kDay = 10;
  const bool has_month = text.size() >= kMonth && text[kYear] == '-';
  const bool has_day = text.size() == kDay && text[kMonth] == '-';
  if (text.size() != kYear && !(text.size() == kMonth && has_month) && !(has_month && has_day))
    return std::nullopt;
  const std::optional<int> year = number(text.substr(0, kYear), kYear);
  const std::optional<int> month = has_month ? number(text.substr(kYear + 1, 2), 2) : 1;
  const std::optional<int> day = has_day ? number(text.substr(kMonth + 1, 2), 2) : 1;
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day first{std::chrono::year(*year),
                                          std::chrono::month(static_cast<unsigned>(*month)),
                                          std::chrono::day(static_cast<unsigned>(*day))};
  if (!first.ok()) return std::nullopt;
  std::chrono::sys_days until = std::chrono::sys_days(first) + std::chrono::days(1);
  if (!has_month) until = first + std::chrono::years(1);
  if (has_month && !has_day) until = first + std::chrono::months(1);
  return TakenRange{.from = std::chrono::sys_days(first), .until = until};
}

}  // namespace

Result<TakenRange> parse_taken(std::string_view text, std::string_view option)
{
  if (text == "none") return TakenRange{.undated = true};
  const std::size_t dots = text.find(kRange);
  const bool range = dots != std::string_view::npos;
  const std::string_view first = text.substr(0, dots);
  const std::string_view last = range ? text.substr(dots + kRange.size()) : first;
  const std::optional<TakenRange> from = first.empty() ? TakenRange() : parse_period(first);
  const std::optional<TakenRange> until = last.empty() ? TakenRange() : parse_period(last);
  const std::string what = std::string(option) + " " + std::string(text) + ": ";
  if (!from || !until || (first.empty() && last.empty())) {
    return fail(Errc::invalid, what + "not a date on which a photo can have been taken",
                "Write a year, a month or a day (2021, 2021-07, 2021-07-04), or a range of them: "
                "2021-07..2021-09, 2021-12-24.., ..2019; or none for photos without a date.");
  }
  if (until->until <= from->from) {
    return fail(Errc::invalid, what + "this range ends before it begins",
                "The earlier date comes first: " + std::string(last) + ".." + std::string(first));
  }
  return TakenRange{.from = from->from, .until = until->until};
}

}  // namespace ib
