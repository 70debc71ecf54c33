// SPDX-License-Identifier: Apache-2.0
#include "core/schedule/agenda.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

/// A clock that is set back by less makes no night due twice.
constexpr std::chrono::hours kClockSteps{1};

/// When the next try of a run may begin, where it is worth one.
std::optional<Timestamp> next_try(const JobRun& run)
{
  if (run.attempt > kRetries) return std::nullopt;
  if (run.ended && !is_worth_another_try(run.exit_status)) return std::nullopt;
  return run.ended.value_or(run.began) + kBetweenTries;
}

}  // namespace

std::string_view command_of(Job job)
{
  switch (job) {
    case Job::backup:
      return "backup";
    case Job::verify:
      return "verify";
    case Job::drill:
      return "verify-restore";
    case Job::prune:
      return "prune";
  }
  std::unreachable();
}

std::optional<Job> job_of(std::string_view name)
{
  if (name == "drill") return Job::drill;
  const auto* job = std::ranges::find(kJobs, name, command_of);
  return job == kJobs.end() ? std::nullopt : std::optional(*job);
}

bool is_worth_another_try(int exit_status)
{
  // As in a shell: 127 was not there to be started, as during an upgrade; 134 aborted; 137 was
  // killed, also for want of memory; 143 was ended.
  constexpr std::array kWorth{1, 127, 130, 134, 137, 143};
  return std::ranges::find(kWorth, exit_status) != kWorth.end();
}

Turn next_turn(const CronSchedule& schedule, const UtcOffset& offset, Timestamp since,
               const std::optional<JobRun>& last, Timestamp now, std::chrono::seconds delay)
{
  const bool is_from_future = last && last->due > now + kClockSteps;
  Timestamp after = std::min(since, now);
  if (last) after = is_from_future ? now : std::max(after, last->due);
  // A longer one would let the next due time come before the run of this one.
  const auto delayed = [&](Timestamp due) {
    return due + std::min(delay, (schedule.next(due, offset) - due) / 2);
  };
  if (const std::optional<Timestamp> due = schedule.last_between(after, now, offset)) {
    const Timestamp at = delayed(*due);
    return {.due = *due,
            .attempt = 1,
            .at = at > now ? at : *due,
            .since = schedule.next(after, offset)};
  }
  if (last && !is_from_future) {
    if (const std::optional<Timestamp> again = next_try(*last))
      return {.due = last->due, .attempt = last->attempt + 1, .at = *again, .since = last->due};
  }
  const Timestamp due = schedule.next(std::max(after, now), offset);
  return {.due = due, .attempt = 1, .at = delayed(due), .since = due};
}

}  // namespace ib
