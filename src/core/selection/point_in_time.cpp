// SPDX-License-Identifier: Apache-2.0
#include "core/selection/point_in_time.hpp"

#include "base/text.hpp"

#include <chrono>
#include <string>

namespace ib {
namespace {

constexpr std::size_t kUntilHour = std::string_view("2026-01-15T03").size();
constexpr std::size_t kUntilMinute = std::string_view("2026-01-15T03:00").size();

/// "+02:00", "+0200" or "+02", as many seconds east of UTC.
std::optional<std::chrono::seconds> parse_offset(std::string_view text)
{
  constexpr int kMostHours = 14;  // Kiribati
  const bool west = text.front() == '-';
  text.remove_prefix(1);
  std::string digits(text.substr(0, 2));
  const bool has_colon = text.size() > 2 && text[2] == ':';
  if (text.size() > 2) digits += text.substr(has_colon ? 3 : 2);
  if (digits.size() != 4 && (digits.size() != 2 || has_colon)) return std::nullopt;
  const auto hours = parse_number<int>(std::string_view(digits).substr(0, 2));
  const auto minutes =
      digits.size() == 2 ? 0 : parse_number<int>(std::string_view(digits).substr(2));
  if (!hours || !minutes || *hours > kMostHours || *minutes > 59) return std::nullopt;
  const std::chrono::seconds offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return west ? -offset : offset;
}

/// As parse_timestamp, and also to the minute, and with an offset from UTC behind the time.
Result<Timestamp> parse_time(std::string_view text)
{
  std::string time(text);
  std::chrono::seconds offset{0};
  const bool has_clock = time.size() >= kUntilMinute && time[kUntilHour] == ':';
  const std::size_t sign = time.find_last_of("+-");
  if (has_clock && sign != std::string::npos && sign >= kUntilMinute) {
    const std::optional<std::chrono::seconds> parsed = parse_offset(text.substr(sign));
    if (!parsed) return parse_timestamp(text);
    offset = *parsed;
    time.resize(sign);
  } else if (has_clock && time.ends_with('Z')) {
    time.pop_back();
  }
  if (has_clock && time.size() == kUntilMinute) time += ":59";
  return TRY(parse_timestamp(time)) - offset;
}

}  // namespace

Result<std::optional<Timestamp>> parse_point_in_time(std::string_view text, Timestamp now,
                                                     std::string_view option)
{
  if (text.empty() || text == "latest") return std::nullopt;
  const std::optional<std::uint32_t> age =
      parse_number<std::uint32_t>(text.substr(0, text.size() - 1));
  if (age && *age < 1'000'000) {
    if (text.back() == 'h') return now - std::chrono::hours(*age);
    if (text.back() == 'd') return now - std::chrono::days(*age);
    if (text.back() == 'w') return now - std::chrono::weeks(*age);
  }
  const Result<Timestamp> time = parse_time(text);
  if (!time) {
    return fail(
        Errc::invalid, std::string(option) + ": not a point in time: '" + std::string(text) + "'",
        "Write latest, a restore point from `immich-backup restore-points`, "
        "a date (2026-01-15), a time ('2026-01-15 03:00', 2026-01-15T05:00+02:00; UTC where "
        "no offset is given) or an age (36h, 30d, 8w).");
  }
  // A date means its last second. Today's last second is after now, but today is allowed.
  if (*time - std::chrono::days(1) >= now) {
    return fail(
        Errc::invalid,
        std::string(option) + " " + std::string(text) + ": is after this machine's clock (" +
            format_iso(now) + ")",
        "A restore point is always in the past. `immich-backup restore-points` lists them.");
  }
  return *time;
}

}  // namespace ib
