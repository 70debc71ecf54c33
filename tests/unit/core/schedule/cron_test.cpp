// SPDX-License-Identifier: Apache-2.0
#include "core/schedule/cron.hpp"

#include "zones.hpp"

#include <gmock/gmock.h>
#include <string>
#include <vector>

namespace ib::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

CronSchedule schedule(std::string_view text)
{
  Result<CronSchedule> parsed = CronSchedule::parse(text);
  EXPECT_TRUE(parsed) << text;
  return *parsed;
}

std::string next(std::string_view text, std::string_view time, const UtcOffset& offset = utc)
{
  return format_iso(schedule(text).next(at(time), offset));
}

/// All due times of 2026 by the zone's clock.
std::vector<Timestamp> due_in_2026(std::string_view text, const UtcOffset& offset)
{
  const CronSchedule parsed = schedule(text);
  const Timestamp end = at("2027-01-01T00:00:00Z");
  std::vector<Timestamp> due;
  const Timestamp begin = at("2026-01-01T00:00:00Z");
  for (Timestamp time = parsed.next(begin - offset(begin) - std::chrono::seconds(1), offset);
       time < end - offset(end); time = parsed.next(time, offset))
    due.push_back(time);
  return due;
}

TEST(CronSchedule, FindsTheNextTime)
{
  struct Row {
    std::string_view schedule, after, next;
  };
  const Row rows[] = {
      {"30 3 * * *", "2026-01-15T03:29:59Z", "2026-01-15T03:30:00Z"},
      {"30 3 * * *", "2026-01-15T03:30:00Z", "2026-01-16T03:30:00Z"},
      {"30 3 * * *", "2026-12-31T12:00:00Z", "2027-01-01T03:30:00Z"},
      {"*/20 * * * *", "2026-01-15T03:30:00Z", "2026-01-15T03:40:00Z"},
      {"5-10/5,50 8-9 * * *", "2026-01-15T08:10:00Z", "2026-01-15T08:50:00Z"},
      {"0 5 * * sun", "2026-01-15T00:00:00Z", "2026-01-18T05:00:00Z"},
      {"0 5 * * 7", "2026-01-15T00:00:00Z", "2026-01-18T05:00:00Z"},
      {"0 5 * * 0", "2026-01-15T00:00:00Z", "2026-01-18T05:00:00Z"},
      {"0 5 * * Fri-Sun", "2026-01-18T05:00:00Z", "2026-01-23T05:00:00Z"},
      {"0 0 31 * *", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z"},
      {"0 0 1 feb,JUL *", "2026-02-01T00:00:00Z", "2026-07-01T00:00:00Z"},
      {"0 0 29 2 *", "2026-01-15T00:00:00Z", "2028-02-29T00:00:00Z"},
      // Both days are restricted: either will do.
      {"0 0 13 * fri", "2026-01-10T00:00:00Z", "2026-01-13T00:00:00Z"},
      {"0 0 13 * fri", "2026-01-13T00:00:00Z", "2026-01-16T00:00:00Z"},
      // One begins with *: both must hold.
      {"0 0 */2 * fri", "2026-01-10T00:00:00Z", "2026-01-23T00:00:00Z"},
      {"0 0 29 2 */7", "2026-01-15T00:00:00Z", "2032-02-29T00:00:00Z"},
      {"@hourly", "2026-01-15T03:30:00Z", "2026-01-15T04:00:00Z"},
      {"@daily", "2026-01-15T03:30:00Z", "2026-01-16T00:00:00Z"},
      {"@Weekly", "2026-01-15T03:30:00Z", "2026-01-18T00:00:00Z"},
      {"@monthly", "2026-01-15T03:30:00Z", "2026-02-01T00:00:00Z"},
      {"@yearly", "2026-01-15T03:30:00Z", "2027-01-01T00:00:00Z"},
      {"\t30  3 * *\t* ", "2026-01-15T03:30:00Z", "2026-01-16T03:30:00Z"},
  };
  for (const Row& row : rows) EXPECT_EQ(next(row.schedule, row.after), row.next) << row.schedule;
}

TEST(CronSchedule, RefusesWhatIsNone)
{
  for (const std::string_view text : {"",
                                      "@reboot",
                                      "daily",
                                      "* * * *",
                                      "* * * * * *",
                                      "60 * * * *",
                                      "* 24 * * *",
                                      "* * 0 * *",
                                      "* * 32 * *",
                                      "* * * 13 *",
                                      "* * * 0 *",
                                      "* * * * 8",
                                      "-1 * * * *",
                                      "1- * * * *",
                                      "5-1 * * * *",
                                      "*/0 * * * *",
                                      "*/ * * * *",
                                      "5/10 * * * *",
                                      "1,,2 * * * *",
                                      "a * * * *",
                                      "* * * * mond",
                                      "* * * mon *",
                                      "1.5 * * * *",
                                      "+1 * * * *",
                                      "0 0 30 2 *",
                                      "0 0 31 4,6 *"}) {
    const Result<CronSchedule> parsed = CronSchedule::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Errc::invalid);
  }
}

TEST(CronSchedule, NamesTheFieldThatIsWrong)
{
  EXPECT_THAT(CronSchedule::parse("30 25 * * *").error().message,
              testing::HasSubstr("the hour '25' is not from 0 to 23"));
}

TEST(CronSchedule, IsDueOnceEveryNightOfAYear)
{
  for (const auto& offset : {UtcOffset(berlin), UtcOffset(new_york), UtcOffset(utc)}) {
    const std::vector<Timestamp> due = due_in_2026("30 3 * * *", offset);
    EXPECT_EQ(due.size(), 365U);
    for (const Timestamp time : due)
      EXPECT_EQ((time + offset(time)).time_since_epoch() % hours(24), hours(3) + minutes(30));
  }
}

TEST(CronSchedule, IsDueOnceWhereTheClockSkipsOrRepeatsTheTime)
{
  struct Row {
    UtcOffset offset;
    std::string_view schedule, in_spring, in_autumn;
  };
  const Row rows[] = {
      // 02:30 comes at 03:30 summer time, and in autumn while it is still summer time.
      {berlin, "30 2 * * *", "2026-03-29T01:30:00Z", "2026-10-25T00:30:00Z"},
      {new_york, "30 2 * * *", "2026-03-08T07:30:00Z", "2026-11-01T07:30:00Z"},
      {new_york, "30 1 * * *", "2026-03-08T06:30:00Z", "2026-11-01T05:30:00Z"},
  };
  for (const Row& row : rows) {
    const std::vector<Timestamp> due = due_in_2026(row.schedule, row.offset);
    EXPECT_EQ(due.size(), 365U);
    EXPECT_THAT(due, testing::IsSupersetOf({at(row.in_spring), at(row.in_autumn)}));
  }
}

TEST(CronSchedule, OfEveryHourGoesByTheHoursThatPass)
{
  for (const auto& offset : {UtcOffset(berlin), UtcOffset(new_york)}) {
    const std::vector<Timestamp> due = due_in_2026("*/15 * * * *", offset);
    EXPECT_EQ(due.size(), 365U * 24 * 4);
    for (std::size_t i = 1; i < due.size(); ++i) ASSERT_EQ(due[i] - due[i - 1], minutes(15));
  }
}

TEST(CronSchedule, FindsTheLastTimeOfALongAbsence)
{
  const CronSchedule nightly = schedule("30 3 * * *");
  EXPECT_EQ(nightly.last_between(at("2026-01-15T03:30:00Z"), at("2026-01-16T03:29:00Z"), utc),
            std::nullopt);
  EXPECT_EQ(nightly.last_between(at("2020-01-15T03:30:00Z"), at("2026-01-16T03:30:00Z"), utc),
            at("2026-01-16T03:30:00Z"));
  EXPECT_EQ(
      schedule("@yearly").last_between(at("2020-06-15T00:00:00Z"), at("2026-12-16T00:00:00Z"), utc),
      at("2026-01-01T00:00:00Z"));
  EXPECT_EQ(schedule("* * * * *")
                .last_between(at("2020-06-15T00:00:00Z"), at("2026-12-16T00:00:30Z"), utc),
            at("2026-12-16T00:00:00Z"));
}

}  // namespace
}  // namespace ib::test
