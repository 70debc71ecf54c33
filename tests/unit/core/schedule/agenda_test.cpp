// SPDX-License-Identifier: Apache-2.0
#include "core/schedule/agenda.hpp"

#include "zones.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace ib::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const CronSchedule kNightly = *CronSchedule::parse("30 3 * * *");
const Timestamp kSince = at("2026-01-10T12:00:00Z");

std::string turn(const std::optional<JobRun>& last, std::string_view now, seconds delay = {},
                 Timestamp since = kSince)
{
  const Turn turn = next_turn(kNightly, utc, since, last, at(now), delay);
  return format_iso(turn.due) + " try " + std::to_string(turn.attempt) + " at " +
         format_iso(turn.at);
}

JobRun run(std::string_view due, int exit_status, unsigned attempt = 1)
{
  return {.due = at(due),
          .attempt = attempt,
          .began = at(due),
          .ended = at(due) + minutes(5),
          .exit_status = exit_status};
}

TEST(Agenda, NamesEachJobByItsCommand)
{
  for (const Job job : kJobs) EXPECT_EQ(job_of(command_of(job)), job);
  EXPECT_EQ(job_of("drill"), Job::drill);
  EXPECT_EQ(job_of("restore"), std::nullopt);
}

TEST(Agenda, WaitsForTheFirstTimeAfterItsBeginning)
{
  EXPECT_EQ(turn({}, "2026-01-10T12:00:00Z"), "2026-01-11T03:30:00Z try 1 at 2026-01-11T03:30:00Z");
}

TEST(Agenda, WaitsForTheNextNightAfterARun)
{
  for (const int status : {0, 2, 3, 4, 70})
    EXPECT_EQ(turn(run("2026-01-15T03:30:00Z", status), "2026-01-15T04:00:00Z"),
              "2026-01-16T03:30:00Z try 1 at 2026-01-16T03:30:00Z")
        << status;
}

TEST(Agenda, DelaysADueTimeButNotAMissedOne)
{
  EXPECT_EQ(turn({}, "2026-01-11T03:35:00Z", minutes(10)),
            "2026-01-11T03:30:00Z try 1 at 2026-01-11T03:40:00Z");
  EXPECT_EQ(turn({}, "2026-01-11T08:00:00Z", minutes(10)),
            "2026-01-11T03:30:00Z try 1 at 2026-01-11T03:30:00Z");
}

TEST(Agenda, DelaysLessThanTheNextDueTimeIsAway)
{
  const CronSchedule often = *CronSchedule::parse("*/5 * * * *");
  for (int minute = 0; minute < 5; ++minute) {
    const Timestamp now = at("2026-01-15T12:00:00Z") + minutes(minute);
    const Turn turn = next_turn(often, utc, kSince, {}, now, hours(5));
    EXPECT_LE(turn.at, at("2026-01-15T12:02:30Z"));
  }
}

TEST(Agenda, KnowsForHowLongARunIsMissing)
{
  const Turn turn = next_turn(kNightly, utc, kSince, run("2026-01-15T03:30:00Z", 0),
                              at("2026-01-20T08:00:00Z"), {});
  EXPECT_EQ(turn.since, at("2026-01-16T03:30:00Z"));
}

TEST(Agenda, MakesUpForMissedNightsOnce)
{
  EXPECT_EQ(turn(run("2026-01-15T03:30:00Z", 0), "2026-01-20T08:00:00Z"),
            "2026-01-20T03:30:00Z try 1 at 2026-01-20T03:30:00Z");
  EXPECT_EQ(turn(run("2026-01-20T03:30:00Z", 0), "2026-01-20T08:05:00Z"),
            "2026-01-21T03:30:00Z try 1 at 2026-01-21T03:30:00Z");
}

TEST(Agenda, DoesNotMakeUpForTimesBeforeTheScheduleHeld)
{
  // At noon, 03:30 became the time in place of 02:00.
  EXPECT_EQ(
      turn(run("2026-01-15T02:00:00Z", 0), "2026-01-15T12:01:00Z", {}, at("2026-01-15T12:00:00Z")),
      "2026-01-16T03:30:00Z try 1 at 2026-01-16T03:30:00Z");
}

TEST(Agenda, TriesAgainThreeTimesWhereThatMayHelp)
{
  for (const int status : {1, 127, 130, 134, 137, 143}) {
    EXPECT_EQ(turn(run("2026-01-15T03:30:00Z", status, 1), "2026-01-15T03:36:00Z"),
              "2026-01-15T03:30:00Z try 2 at 2026-01-15T03:45:00Z");
    EXPECT_EQ(turn(run("2026-01-15T03:30:00Z", status, 3), "2026-01-15T03:36:00Z"),
              "2026-01-15T03:30:00Z try 4 at 2026-01-15T03:45:00Z");
    EXPECT_EQ(turn(run("2026-01-15T03:30:00Z", status, 4), "2026-01-15T03:36:00Z"),
              "2026-01-16T03:30:00Z try 1 at 2026-01-16T03:30:00Z");
  }
}

TEST(Agenda, TriesAgainWhatNeverToldOfItsEnd)
{
  const JobRun killed{.due = at("2026-01-15T03:30:00Z"), .began = at("2026-01-15T03:31:00Z")};
  EXPECT_EQ(turn(killed, "2026-01-15T12:00:00Z"),
            "2026-01-15T03:30:00Z try 2 at 2026-01-15T03:41:00Z");
}

TEST(Agenda, LetsTheNextNightComeBeforeAnotherTry)
{
  EXPECT_EQ(turn(run("2026-01-15T03:30:00Z", 1, 2), "2026-01-16T09:00:00Z"),
            "2026-01-16T03:30:00Z try 1 at 2026-01-16T03:30:00Z");
}

TEST(Agenda, IsNotHeldUpByTimesOfAWrongClock)
{
  // A machine that began a year ahead, and whose clock is right again.
  EXPECT_EQ(turn({}, "2026-01-15T12:00:00Z", {}, at("2027-01-15T12:00:00Z")),
            "2026-01-16T03:30:00Z try 1 at 2026-01-16T03:30:00Z");
  EXPECT_EQ(turn(run("2027-01-15T03:30:00Z", 1), "2026-01-15T12:00:00Z"),
            "2026-01-16T03:30:00Z try 1 at 2026-01-16T03:30:00Z");
  // A clock that is set back by seconds just after the run began.
  EXPECT_EQ(turn(run("2026-01-15T03:30:00Z", 0), "2026-01-15T03:29:58Z"),
            "2026-01-16T03:30:00Z try 1 at 2026-01-16T03:30:00Z");
}

/// A year of a machine that looks every ten minutes and is off now and then: every 20th
/// run fails.
TEST(Agenda, BringsEveryNightOfAYear)
{
  for (const auto& offset : {UtcOffset(berlin), UtcOffset(new_york)}) {
    const Timestamp begin = at("2026-01-01T12:00:00Z");
    const Timestamp end = at("2026-12-31T12:00:00Z");
    std::optional<JobRun> last;
    std::vector<Timestamp> succeeded;
    unsigned runs = 0;
    for (Timestamp now = begin; now < end; now += minutes(10)) {
      // Off in each night of a 15th and 16th, until 08:00.
      const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(now));
      if ((date.day() == std::chrono::day(15) || date.day() == std::chrono::day(16)) &&
          now.time_since_epoch() % hours(24) < hours(8))
        continue;
      const Turn next = next_turn(kNightly, offset, begin, last, now, minutes(7));
      if (next.at > now) continue;
      ++runs;
      last = JobRun{.due = next.due,
                    .attempt = next.attempt,
                    .began = now,
                    .ended = now + minutes(10),
                    .exit_status = runs % 20 == 0 ? 1 : 0};
      if (last->exit_status == 0) succeeded.push_back(next.due);
    }
    ASSERT_EQ(succeeded.size(), 364U);
    for (std::size_t i = 1; i < succeeded.size(); ++i) {
      const auto apart = succeeded[i] - succeeded[i - 1];
      EXPECT_GE(apart, hours(23));
      EXPECT_LE(apart, hours(25));
    }
    EXPECT_EQ(runs, 364U + runs / 20);
  }
}

}  // namespace
}  // namespace ib::test
