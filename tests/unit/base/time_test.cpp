// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

namespace ib::test {
namespace {

Timestamp at(std::int64_t seconds)
{
  return Timestamp(std::chrono::seconds(seconds));
}

TEST(Timestamps, HaveThreeForms)
{
  const Timestamp time = at(1'768'446'000);
  EXPECT_EQ(format_iso(time), "2026-01-15T03:00:00Z");
  EXPECT_EQ(format_compact(time), "20260115T030000Z");
  EXPECT_EQ(format_filename(time), "2026-01-15T03-00-00");
}

TEST(Timestamps, AreReadInEveryFormThatIsWritten)
{
  for (const std::int64_t seconds :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{-86'401},
        std::int64_t{-62'135'596'800}, std::int64_t{951'782'399}, std::int64_t{951'782'400},
        std::int64_t{1'709'251'199}, std::int64_t{4'102'444'799}, std::int64_t{253'402'300'799}}) {
    const Timestamp time = at(seconds);
    for (const std::string& text :
         {format_iso(time), format_compact(time), format_filename(time)}) {
      const Result<Timestamp> parsed = parse_timestamp(text);
      ASSERT_TRUE(parsed) << text;
      EXPECT_EQ(*parsed, time) << text;
    }
  }
}

TEST(Timestamps, HaveANameWithFourDigitsForTheYear)
{
  EXPECT_TRUE(is_nameable(at(-62'167'219'200)));
  EXPECT_FALSE(is_nameable(at(-62'167'219'201)));
  EXPECT_TRUE(is_nameable(at(253'402'300'799)));
  EXPECT_FALSE(is_nameable(at(253'402'300'800)));
  EXPECT_FALSE(is_nameable(Timestamp::min()));
  EXPECT_FALSE(is_nameable(Timestamp::max()));
}

TEST(Timestamps, OfBefore1970CountBackwards)
{
  EXPECT_EQ(format_iso(at(-1)), "1969-12-31T23:59:59Z");
  EXPECT_EQ(format_iso(at(-86'400)), "1969-12-31T00:00:00Z");
}

TEST(Timestamps, AreReadFromWhatPeopleWrite)
{
  const std::pair<const char*, const char*> table[] = {
      {"2026-01-15", "2026-01-15T23:59:59Z"},
      {"20260115", "2026-01-15T23:59:59Z"},
      {"2026-01-15 03:00:00", "2026-01-15T03:00:00Z"},
      {"2026-01-15T03:00:00", "2026-01-15T03:00:00Z"},
      {"2026-01-15T03-00-00", "2026-01-15T03:00:00Z"},
      {"20260115T030000", "2026-01-15T03:00:00Z"},
      {"2024-02-29", "2024-02-29T23:59:59Z"},
      {"2000-02-29T12:00:00Z", "2000-02-29T12:00:00Z"},
  };
  for (const auto& [text, iso] : table) {
    const Result<Timestamp> parsed = parse_timestamp(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(format_iso(*parsed), iso) << text;
  }
}

TEST(Timestamps, ThatDoNotExistAreRefused)
{
  for (const char* bad : {"",
                          "2026",
                          "2026-01",
                          "2026-1-15",
                          "2026-13-01",
                          "2026-00-10",
                          "2026-04-31",
                          "2023-02-29",
                          "1900-02-29",
                          "2026-01-00",
                          "2026-01-15T",
                          "2026-01-15T24:00:00Z",
                          "2026-01-15T03:60:00Z",
                          "2026-01-15T03:00:60Z",
                          "2026-01-15T03:00",
                          "2026-01-15T03:00:00+01:00",
                          "2026-01-15T03:00:00Zx",
                          "2026-01-15Z",
                          "2026-0115",
                          "202601-15",
                          "20260115T03:00:00",
                          "2026-01-15T030000",
                          " 2026-01-15",
                          "2026-01-15 ",
                          "-026-01-15",
                          "+026-01-15",
                          "2026-01-15T-3:00:00",
                          "tomorrow",
                          "2026-01-15T03:00:0\xC2\xB2"}) {
    const Result<Timestamp> parsed = parse_timestamp(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, Errc::invalid);
    EXPECT_FALSE(parsed.error().hint.empty());
  }
}

TEST(Timestamps, OfFilesHaveNineDigits)
{
  EXPECT_EQ(format_iso_ns(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(format_iso_ns(1'768'446'000'123'456'789), "2026-01-15T03:00:00.123456789Z");
  EXPECT_EQ(format_iso_ns(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(format_iso_ns(-1'500'000'000), "1969-12-31T23:59:58.500000000Z");
  EXPECT_EQ(format_iso_ns(std::numeric_limits<std::int64_t>::min()),
            "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(format_iso_ns(std::numeric_limits<std::int64_t>::max()),
            "2262-04-11T23:47:16.854775807Z");
}

TEST(Nanoseconds, HoldNoTimeOfAnotherCentury)
{
  EXPECT_EQ(to_nanoseconds(1'500'000'000, 123'456'789), 1'500'000'000'123'456'789);
  EXPECT_EQ(to_nanoseconds(-1, 999'999'999), -1);
  EXPECT_EQ(format_iso_ns(to_nanoseconds(-9'223'372'036, 0)), "1677-09-21T00:12:44.000000000Z");
  EXPECT_EQ(format_iso_ns(to_nanoseconds(9'223'372'035, 999'999'999)),
            "2262-04-11T23:47:15.999999999Z");
  for (const std::int64_t seconds :
       {std::int64_t{-9'223'372'037}, std::int64_t{9'223'372'036}, std::int64_t{-11'644'473'600},
        std::int64_t{1} << 34U, std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()})
    EXPECT_EQ(to_nanoseconds(seconds, 0), kNoTime) << seconds;
}

TEST(Durations, NameTheirTwoLargestUnits)
{
  const std::pair<std::int64_t, const char*> table[] = {
      {0, "0 ms"},
      {850, "850 ms"},
      {999, "999 ms"},
      {1000, "1.0 s"},
      {9'999, "9.9 s"},
      {10'000, "10 s"},
      {59'999, "59 s"},
      {60'000, "1 min 0 s"},
      {290'000, "4 min 50 s"},
      {3'599'999, "59 min 59 s"},
      {3'600'000, "1 h 0 min"},
      {11'520'000, "3 h 12 min"},
      {172'799'000, "47 h 59 min"},
      {172'800'000, "2 days 0 h"},
      {876'543'210, "10 days 3 h"},
  };
  for (const auto& [ms, text] : table)
    EXPECT_EQ(format_duration(std::chrono::milliseconds(ms)), text);
}

}  // namespace
}  // namespace ib::test
