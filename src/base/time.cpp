// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <array>
#include <cstdio>

namespace ib {
namespace {

struct Fields {
  int year, month, day, hour, minute, second;
};

Fields fields_of(Timestamp time)
{
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(time - days);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count())};
}

enum class Shape : std::uint8_t { iso, compact, filename };

std::string format(Timestamp time, Shape shape)
{
  const Fields f = fields_of(time);
  std::array<char, 80> text{};
  const char* pattern = shape == Shape::iso       ? "%04d-%02d-%02dT%02d:%02d:%02dZ"
                        : shape == Shape::compact ? "%04d%02d%02dT%02d%02d%02dZ"
                                                  : "%04d-%02d-%02dT%02d-%02d-%02d";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  const int n = std::snprintf(text.data(), text.size(), pattern, f.year, f.month, f.day, f.hour,
                              f.minute, f.second);
#pragma GCC diagnostic pop
  return {text.data(), static_cast<std::size_t>(n)};
}

/// Reads `count` digits at the front of `text` and drops them.
bool take_number(std::string_view& text, std::size_t count, int& out)
{
  if (text.size() < count) return false;
  out = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool take_one_of(std::string_view& text, std::string_view allowed)
{
  if (text.empty() || !allowed.contains(text.front())) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

bool is_nameable(Timestamp time)
{
  using namespace std::chrono;
  return time >= sys_days(year(0) / 1 / 1) && time < sys_days(year(10000) / 1 / 1);
}

std::string format_iso(Timestamp time)
{
  return format(time, Shape::iso);
}
std::string format_compact(Timestamp time)
{
  return format(time, Shape::compact);
}
std::string format_filename(Timestamp time)
{
  return format(time, Shape::filename);
}

Result<Timestamp> parse_timestamp(std::string_view text)
{
  const auto malformed = [whole = std::string(text)] {
    return fail(Errc::invalid, "not a time: '" + whole + "'",
                "Write it as 2026-01-15T03:00:00Z, 20260115T030000Z or 2026-01-15 (UTC).");
  };
  Fields f{};
  if (!take_number(text, 4, f.year)) return malformed();
  const bool dashes = take_one_of(text, "-");
  if (!take_number(text, 2, f.month)) return malformed();
  if (dashes && !take_one_of(text, "-")) return malformed();
  if (!take_number(text, 2, f.day)) return malformed();
  if (text.empty()) {
    f.hour = 23;
    f.minute = f.second = 59;
  } else {
    if (!take_one_of(text, "T ") || !take_number(text, 2, f.hour)) return malformed();
    if (dashes && !take_one_of(text, ":-")) return malformed();
    if (!take_number(text, 2, f.minute)) return malformed();
    if (dashes && !take_one_of(text, ":-")) return malformed();
    if (!take_number(text, 2, f.second)) return malformed();
    static_cast<void>(take_one_of(text, "Z"));  // optional: every time here is UTC
    if (!text.empty()) return malformed();
  }
  const std::chrono::year_month_day date{std::chrono::year{f.year},
                                         std::chrono::month{static_cast<unsigned>(f.month)},
                                         std::chrono::day{static_cast<unsigned>(f.day)}};
  if (!date.ok() || f.hour > 23 || f.minute > 59 || f.second > 59) return malformed();
  return std::chrono::sys_days(date) + std::chrono::hours(f.hour) + std::chrono::minutes(f.minute) +
         std::chrono::seconds(f.second);
}

std::string format_duration(std::chrono::milliseconds duration)
{
  const auto ms = duration.count();
  const auto s = ms / 1000;
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (s < 10) return std::to_string(s) + "." + std::to_string(ms % 1000 / 100) + " s";
  if (s < 60) return std::to_string(s) + " s";
  if (s < 3600) return std::to_string(s / 60) + " min " + std::to_string(s % 60) + " s";
  if (s < 48L * 3600)
    return std::to_string(s / 3600) + " h " + std::to_string(s % 3600 / 60) + " min";
  return std::to_string(s / 86400) + " days " + std::to_string(s % 86400 / 3600) + " h";
}

std::int64_t to_nanoseconds(std::int64_t seconds, std::int64_t nanoseconds)
{
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  // Whole seconds, so that no fraction overflows and none is kNoTime.
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / kPerSecond;
  if (seconds < -kMost || seconds >= kMost) return kNoTime;
  return seconds * kPerSecond + nanoseconds;
}

std::string format_iso_ns(std::int64_t nanoseconds)
{
  // chrono's own floor would overflow at the earliest time that there is.
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  const std::int64_t rest = (nanoseconds % kPerSecond + kPerSecond) % kPerSecond;
  const std::int64_t seconds = nanoseconds / kPerSecond - (nanoseconds % kPerSecond < 0 ? 1 : 0);
  std::array<char, 16> fraction{};
  const int n =
      std::snprintf(fraction.data(), fraction.size(), ".%09lldZ", static_cast<long long>(rest));
  std::string text = format_iso(Timestamp(std::chrono::seconds(seconds)));
  text.pop_back();
  return text.append(fraction.data(), static_cast<std::size_t>(n));
}

std::int64_t week_of(Timestamp time)
{
  constexpr std::chrono::days kMondayToThursday{3};  // 1970 began on a Thursday
  using Weeks = std::chrono::duration<std::int64_t, std::ratio<604800>>;
  return std::chrono::floor<Weeks>(time + kMondayToThursday).time_since_epoch().count();
}

}  // namespace ib
