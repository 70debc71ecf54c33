// SPDX-License-Identifier: Apache-2.0
#include "sys/time_zone.hpp"

#include "support/builders.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>
#include <ctime>
#include <optional>

namespace ib::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

/// The process's zone is the test's own while it lives.
class TimeZones : public testing::Test {
protected:
  TimeZones() : tz_(value_of("TZ")), folder_(value_of("TZDIR")) {}
  ~TimeZones() override
  {
    put_back("TZ", tz_);
    put_back("TZDIR", folder_);
    ::tzset();
  }

  static minutes time_of_day(const char* utc)
  {
    return local_time_of_day(must(parse_timestamp(utc)));
  }

private:
  static std::optional<std::string> value_of(const char* name)
  {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  }
  static void put_back(const char* name, const std::optional<std::string>& value)
  {
    if (value) {
      ::setenv(name, value->c_str(), 1);
    } else {
      ::unsetenv(name);
    }
  }
  std::optional<std::string> tz_, folder_;
};

TEST_F(TimeZones, TellTheTimeOfTheDay)
{
  must(use_time_zone("<+0530>-5:30"));
  EXPECT_EQ(time_of_day("2026-01-15T00:00:59Z"), hours(5) + minutes(30));
  EXPECT_EQ(time_of_day("2026-01-15T18:29:59Z"), hours(23) + minutes(59));
  EXPECT_EQ(time_of_day("2026-01-15T18:30:00Z"), minutes(0));
  must(use_time_zone("UTC"));
  EXPECT_EQ(time_of_day("2026-01-15T18:30:00Z"), hours(18) + minutes(30));
}

TEST_F(TimeZones, FollowTheClockOnTheWallWhenItIsPutForwardAndBack)
{
  must(use_time_zone("CET-1CEST,M3.5.0,M10.5.0/3"));
  EXPECT_EQ(time_of_day("2026-03-29T00:59:00Z"), hours(1) + minutes(59));
  EXPECT_EQ(time_of_day("2026-03-29T01:00:00Z"), hours(3)) << "the hour from 2 to 3 is missing";
  EXPECT_EQ(time_of_day("2026-10-25T00:59:00Z"), hours(2) + minutes(59));
  EXPECT_EQ(time_of_day("2026-10-25T01:00:00Z"), hours(2)) << "the hour from 2 to 3 comes twice";
  EXPECT_EQ(time_of_day("2026-10-25T02:00:00Z"), hours(3));
}

TEST_F(TimeZones, ComeFromTheSystemsFiles)
{
  if (!use_time_zone("Europe/Berlin")) GTEST_SKIP() << "tzdata is not installed";
  EXPECT_EQ(time_of_day("2026-01-15T12:00:00Z"), hours(13));
  EXPECT_EQ(time_of_day("2026-07-15T12:00:00Z"), hours(14));
  EXPECT_TRUE(ok(use_time_zone(":America/New_York")));
  EXPECT_EQ(time_of_day("2026-01-15T12:00:00Z"), hours(7));
  EXPECT_TRUE(ok(use_time_zone("/usr/share/zoneinfo/Asia/Tokyo")));
  EXPECT_EQ(time_of_day("2026-01-15T12:00:00Z"), hours(21));
}

TEST_F(TimeZones, AreNeverSilentlyUtc)
{
  for (const char* zone : {"Europe/Berln", "Europe", "Berlin", "", ":", "CET+", "XY-1", "<a>1",
                           "../../etc/passwd", "/etc/passwd", "zone.tab", "/nowhere"}) {
    EXPECT_TRUE(fails_with(Errc::invalid, use_time_zone(zone))) << zone;
  }
}

TEST_F(TimeZones, SayThatTzdataIsMissing)
{
  const TempDir empty;
  ::setenv("TZDIR", empty.file("none").c_str(), 1);
  const Result<> used = use_time_zone("Europe/Berlin");
  ASSERT_TRUE(fails_with(Errc::invalid, used));
  EXPECT_THAT(used.error().message, HasSubstr("no time zones"));
  EXPECT_THAT(used.error().hint, HasSubstr("tzdata"));
  EXPECT_TRUE(ok(use_time_zone("UTC"))) << "needs no file";
  EXPECT_TRUE(ok(use_time_zone("Etc/UTC")));
  EXPECT_TRUE(ok(use_time_zone("CET-1CEST,M3.5.0,M10.5.0/3")));
}

}  // namespace
}  // namespace ib::test
