// SPDX-License-Identifier: Apache-2.0
#include "core/schedule/cron.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace ib {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;

constexpr std::string_view kExample =
    "For example \"30 3 * * *\" for every night at 03:30, "
    "\"0 5 * * sun\" for Sundays, or @daily.";
/// A day of the week falls on the 29th of February again within forty years, also around 2100.
constexpr days kFarthest{366 * 40};

struct Field {
  std::string_view name;
  unsigned least, most;
  std::span<const std::string_view> names = {};  // of least, least + 1, ...
};

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 8> kWeekDays{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat", "sun"};
constexpr std::array<Field, 5> kFields{{{"minute", 0, 59},
                                        {"hour", 0, 23},
                                        {"day of the month", 1, 31},
                                        {"month", 1, 12, kMonths},
                                        {"day of the week", 0, 7, kWeekDays}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNicknames{
    {{"@hourly", "0 * * * *"},
     {"@daily", "0 0 * * *"},
     {"@midnight", "0 0 * * *"},
     {"@weekly", "0 0 * * 0"},
     {"@monthly", "0 0 1 * *"},
     {"@yearly", "0 0 1 1 *"}}};

std::vector<std::string_view> split(std::string_view text, std::string_view separators)
{
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> words_of(std::string_view text)
{
  std::vector<std::string_view> words = split(text, " \t");
  std::erase(words, std::string_view());
  return words;
}

std::string in_lower_case(std::string_view text)
{
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::unexpected<Error> refused(std::string_view text, const std::string& why)
{
  return fail(Errc::invalid, "'" + printable(text) + "' is no schedule: " + why,
              std::string(kExample));
}

/// A number of the field, or a name. Sunday is the last day where it ends a range.
std::optional<unsigned> value_of(const Field& field, std::string_view text, bool ends_range = false)
{
  const std::string lower = in_lower_case(text);
  const auto named = std::ranges::find(field.names, lower);
  if (named != field.names.end()) {
    const unsigned value = field.least + static_cast<unsigned>(named - field.names.begin());
    return ends_range && lower == field.names.back() ? field.most : value;
  }
  const std::optional<unsigned> number = parse_number<unsigned>(text);
  if (!number || *number < field.least || *number > field.most) return std::nullopt;
  return number;
}

struct Range {
  unsigned first, last, step;
};

/// One of the parts between commas.
std::optional<Range> range_of(const Field& field, std::string_view text)
{
  const std::vector<std::string_view> halves = split(text, "/");
  const std::optional<unsigned> step = halves.size() == 1 ? 1 : parse_number<unsigned>(halves[1]);
  if (halves.size() > 2 || !step || *step == 0 || *step > field.most) return std::nullopt;
  if (halves[0] == "*") return Range{field.least, field.most, *step};
  const std::vector<std::string_view> ends = split(halves[0], "-");
  const std::optional<unsigned> first = value_of(field, ends[0]);
  const std::optional<unsigned> last = ends.size() == 1 ? first : value_of(field, ends[1], true);
  // "5/10" means something else in each cron.
  if (ends.size() > 2 || !first || !last || *first > *last) return std::nullopt;
  if (halves.size() == 2 && ends.size() == 1) return std::nullopt;
  return Range{*first, *last, *step};
}

/// Calls `take` with each value of the field. False if it is not one.
template <class Take>
bool read_field(const Field& field, std::string_view text, Take take)
{
  for (const std::string_view part : split(text, ",")) {
    const std::optional<Range> range = range_of(field, part);
    if (!range) return false;
    for (unsigned value = range->first; value <= range->last; value += range->step) take(value);
  }
  return true;
}

/// The instant at which a clock shows `local` for the first time; where it skips that, as much
/// later as it is set forward.
Timestamp instant_of(std::chrono::sys_seconds local, const UtcOffset& offset)
{
  const minutes before = offset(local - days(1));
  const minutes after = offset(local + days(1));
  const Timestamp early = local - std::max(before, after);
  const Timestamp late = local - std::min(before, after);
  // In autumn both are right, in spring neither is; on other days only one, or they are equal.
  if (early + offset(early) == local) return early;
  if (late + offset(late) == local) return late;
  return local - before;
}

}  // namespace

Result<CronSchedule> CronSchedule::parse(std::string_view text)
{
  std::vector<std::string_view> words = words_of(text);
  if (words.size() == 1) {
    const auto nickname = std::ranges::find(kNicknames, in_lower_case(words[0]),
                                            &std::pair<std::string_view, std::string_view>::first);
    if (nickname != kNicknames.end()) words = words_of(nickname->second);
  }
  if (words.size() != kFields.size())
    return refused(text, "it does not have five fields: minute, hour, day, month, day of the week");
  CronSchedule schedule;
  const auto take = [&](std::size_t field, unsigned value) {
    switch (field) {
      case 0:
        schedule.minutes_.set(value);
        break;
      case 1:
        schedule.hours_.set(value);
        break;
      case 2:
        schedule.month_days_.set(value);
        break;
      case 3:
        schedule.months_.set(value);
        break;
      default:
        schedule.week_days_.set(value % 7);
        break;
    }
  };
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    if (read_field(kFields[i], words[i], [&](unsigned value) { take(i, value); })) continue;
    return refused(text, "the " + std::string(kFields[i].name) + " '" + printable(words[i]) +
                             "' is not from " + std::to_string(kFields[i].least) + " to " +
                             std::to_string(kFields[i].most) +
                             ", nor a list, range or step of such numbers");
  }
  schedule.any_hour_ = words[1].starts_with('*');
  schedule.any_month_day_ = words[2].starts_with('*');
  schedule.any_week_day_ = words[4].starts_with('*');
  constexpr sys_days kBegin{std::chrono::year(2024) / 1 / 1};
  for (sys_days day = kBegin; day < kBegin + kFarthest; day += days(1))
    if (schedule.is_due_on(day)) return schedule;
  return refused(text, "no year has such a day");
}

bool CronSchedule::is_due_on(sys_days day) const
{
  const std::chrono::year_month_day date(day);
  if (!months_.test(static_cast<unsigned>(date.month()))) return false;
  const bool by_month = month_days_.test(static_cast<unsigned>(date.day()));
  const bool by_week = week_days_.test(std::chrono::weekday(day).c_encoding());
  return any_month_day_ || any_week_day_ ? by_month && by_week : by_month || by_week;
}

Timestamp CronSchedule::next(Timestamp time, const UtcOffset& offset) const
{
  if (any_hour_) {
    // By the hours that pass: each minute that comes is looked at by what the clock shows then.
    Timestamp at = std::chrono::floor<minutes>(time) + minutes(1);
    for (const Timestamp end = time + kFarthest; at < end;) {
      const std::chrono::sys_seconds local = at + offset(at);
      const sys_days day = std::chrono::floor<days>(local);
      if (!is_due_on(day)) {
        // Not to midnight at once: the clock may change on the way.
        at += std::min<seconds>(hours(1), day + days(1) - local);
        continue;
      }
      const std::chrono::hh_mm_ss clock(local - day);
      if (hours_.test(static_cast<std::size_t>(clock.hours().count())) &&
          minutes_.test(static_cast<std::size_t>(clock.minutes().count())))
        return at;
      at += minutes(1);
    }
    return time + kFarthest;
  }
  // The day before may still have a time that the clock skips.
  const sys_days today = std::chrono::floor<days>(time + offset(time));
  for (sys_days day = today - days(1); day < today + kFarthest; day += days(1)) {
    if (!is_due_on(day)) continue;
    std::optional<Timestamp> first;
    for (std::size_t hour = 0; hour < hours_.size(); ++hour) {
      if (!hours_.test(hour)) continue;
      for (std::size_t minute = 0; minute < minutes_.size(); ++minute) {
        if (!minutes_.test(minute)) continue;
        const Timestamp at = instant_of(day + hours(hour) + minutes(minute), offset);
        // What is skipped comes after what follows it.
        if (at > time && (!first || at < *first)) first = at;
      }
    }
    if (first) return *first;
  }
  return time + kFarthest;
}

std::optional<Timestamp> CronSchedule::last_between(Timestamp after, Timestamp now,
                                                    const UtcOffset& offset) const
{
  // From near to far, so that few due times are passed by.
  for (const seconds window :
       {seconds(hours(2)), seconds(days(2)), seconds(days(64)), seconds(kFarthest)}) {
    const Timestamp from = std::max(after, now - window);
    std::optional<Timestamp> last;
    for (Timestamp at = next(from, offset); at <= now; at = next(at, offset)) last = at;
    if (last || from == after) return last;
  }
  return std::nullopt;
}

}  // namespace ib
