// SPDX-License-Identifier: Apache-2.0
//
// What a machine that backs up by itself does next: from the schedules of its jobs and from what
// has become of their last runs.
#pragma once

#include "base/time.hpp"
#include "core/schedule/cron.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ib {

/// A command that runs on a schedule. In the order in which those run that are due at once.
enum class Job : std::uint8_t { backup, verify, drill, prune };
inline constexpr std::array kJobs{Job::backup, Job::verify, Job::drill, Job::prune};

/// The command's name: "verify-restore" for the drill.
std::string_view command_of(Job job);
/// The inverse; also for "drill".
std::optional<Job> job_of(std::string_view name);

/// A run of a job, at the time for which the schedule has it.
struct JobRun {
  Timestamp due{};
  unsigned attempt = 1;  ///< how often it was begun for that time
  Timestamp began{};
  std::optional<Timestamp> ended = std::nullopt;  ///< absent: it never told of its end
  int exit_status = 0;
};

/// When to begin a run.
struct Turn {
  Timestamp due{};
  unsigned attempt = 1;
  Timestamp at{};     ///< no sooner; it may have passed
  Timestamp since{};  ///< the first of the due times for which this run makes up; `due` if only one
};

/// The tries after the first, and the time between two of them.
inline constexpr unsigned kRetries = 3;
inline constexpr std::chrono::minutes kBetweenTries{10};

/// Whether another try may succeed: the program says so (1, 130), or something has killed it or
/// kept it from being started.
bool is_worth_another_try(int exit_status);

/// The next run of a job. `since`: when its schedule began to hold; `last`: its last run by the
/// schedule. Due times that have passed without a run are made up for by one run. One that is to be
/// tried again is, unless the next has become due. `delay` comes on top of a due time that is not
/// over; it is never more than half of the time until the next. A time of `since` and `last` that
/// lies in the future was told by a wrong clock, and delays nothing.
Turn next_turn(const CronSchedule& schedule, const UtcOffset& offset, Timestamp since,
               const std::optional<JobRun>& last, Timestamp now, std::chrono::seconds delay);

}  // namespace ib
