// SPDX-License-Identifier: Apache-2.0
#include "core/planning/retention.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace ib {
namespace {

using std::chrono::sys_days;

std::int64_t day_of(Timestamp time)
{
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

std::int64_t year_of(Timestamp time)
{
  return static_cast<int>(
      std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year());
}

std::int64_t month_of(Timestamp time)
{
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  return year_of(time) * 12 + static_cast<unsigned>(day.month());
}

class Decision {
public:
  explicit Decision(std::span<const RetentionCandidate> candidates)
      : candidates_(candidates), reasons_(candidates.size())
  {}

  void keep(std::size_t i, std::string_view why)
  {
    reasons_[i] += (reasons_[i].empty() ? "" : ", ") + std::string(why);
  }

  /// The newest that counts of each of the newest `number` periods.
  void keep_of_each(unsigned number, std::int64_t (*period)(Timestamp), std::string_view why)
  {
    std::optional<std::int64_t> before;
    for (std::size_t i = candidates_.size(); i-- > 0 && number > 0;) {
      const std::int64_t here = period(candidates_[i].time);
      if (!candidates_[i].counts || here == before) continue;
      before = here;
      keep(i, why);
      --number;
    }
  }

  /// Returns the oldest of them, or the newest that counts where none is asked for.
  std::size_t keep_last(unsigned number)
  {
    std::size_t oldest = candidates_.size();
    for (std::size_t i = candidates_.size(); i-- > 0;) {
      if (!candidates_[i].counts) continue;
      if (number > 0) keep(i, "last");
      oldest = i;
      if (number <= 1) break;
      --number;
    }
    return oldest;
  }

  void keep_newest(bool (*is)(const RetentionCandidate&), std::string_view why)
  {
    for (std::size_t i = candidates_.size(); i-- > 0;) {
      if (!is(candidates_[i])) continue;
      if (reasons_[i].empty()) keep(i, why);
      return;
    }
  }

  std::vector<std::string>& reasons() { return reasons_; }

private:
  std::span<const RetentionCandidate> candidates_;
  std::vector<std::string> reasons_;
};

}  // namespace

std::vector<std::string> reasons_to_keep(std::span<const RetentionCandidate> candidates,
                                         const RetentionRules& rules)
{
  Decision decision(candidates);
  if (std::ranges::none_of(candidates, &RetentionCandidate::counts))
    return std::vector<std::string>(candidates.size(), "there is no good dump");
  const std::size_t oldest_of_last = decision.keep_last(rules.last);
  decision.keep_of_each(rules.daily, day_of, "daily");
  decision.keep_of_each(rules.weekly, week_of, "weekly");
  decision.keep_of_each(rules.monthly, month_of, "monthly");
  decision.keep_of_each(rules.yearly, year_of, "yearly");
  for (std::size_t i = oldest_of_last; i < candidates.size(); ++i) {
    if (!candidates[i].counts) decision.keep(i, "recent");
  }
  decision.keep_newest([](const RetentionCandidate&) { return true; }, "newest");
  decision.keep_newest([](const RetentionCandidate& each) { return each.counts; },
                       "newest good dump");
  decision.keep_newest([](const RetentionCandidate& each) { return each.complete; },
                       "newest complete");
  return std::move(decision.reasons());
}

}  // namespace ib
