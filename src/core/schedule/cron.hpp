// SPDX-License-Identifier: Apache-2.0
//
// The times at which something is due, as crontab(5) writes them.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <bitset>
#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

namespace ib {

/// How far a time zone is ahead of UTC at an instant. It may change twice a year.
using UtcOffset = std::function<std::chrono::minutes(Timestamp)>;

/// Five fields: minute, hour, day of the month, month, day of the week. Each takes *, numbers,
/// ranges (1-5), lists (1,15) and steps (*/10, 8-18/2); months and days of the week also their
/// English names (jan, mon), and Sunday is 0 and 7. @hourly, @daily, @weekly, @monthly and @yearly
/// stand for five fields. As in cron, a day is due by the day of the month or by that of the week
/// where both are restricted.
class CronSchedule {
public:
  /// invalid for anything else, and for a time that never comes, such as 30 February.
  static Result<CronSchedule> parse(std::string_view text);

  /// The first due time after `time`, by the clock of the zone.
  ///
  /// A time that the clock skips in spring is due as much later as it is set forward: 02:30 at
  /// 03:30. One that it shows twice in autumn is due once, the first time. A schedule for every
  /// hour, or for every so many, is due by the hours that pass and not by what the clock shows.
  Timestamp next(Timestamp time, const UtcOffset& offset) const;

  /// The last due time that is after `after` and not after `now`. Absent if there is none.
  std::optional<Timestamp> last_between(Timestamp after, Timestamp now,
                                        const UtcOffset& offset) const;

private:
  CronSchedule() = default;
  bool is_due_on(std::chrono::sys_days day) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> month_days_;
  std::bitset<13> months_;
  std::bitset<7> week_days_;
  bool any_hour_ = false;  // its field begins with *
  bool any_month_day_ = false;
  bool any_week_day_ = false;
};

}  // namespace ib
