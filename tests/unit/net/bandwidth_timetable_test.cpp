// SPDX-License-Identifier: Apache-2.0
#include "net/bandwidth_timetable.hpp"

#include "support/builders.hpp"

#include <cmath>

namespace ib::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;

BandwidthTimetable table(std::string_view text)
{
  return must(BandwidthTimetable::parse(text));
}

TEST(BandwidthTimetables, TakeARateAsRcloneWritesIt)
{
  struct Row {
    const char* text;
    ByteRate rate;
  };
  const Row rows[] = {
      {"2M", 2 * kMiB},      {"2m", 2 * kMiB},           {"512k", 512 * kKiB},
      {"512K", 512 * kKiB},  {"512", 512 * kKiB},        {"1.5M", kMiB + 512 * kKiB},
      {"2MiB", 2 * kMiB},    {"2Mi", 2 * kMiB},          {"1G", 1024 * kMiB},
      {"65536b", 64 * kKiB}, {"1T", 1024 * 1024 * kMiB}, {"1024B", kKiB},
      {" 2M ", 2 * kMiB},    {"off", std::nullopt},      {"0", std::nullopt}};
  for (const Row& row : rows) EXPECT_EQ(table(row.text).rate_at(minutes(0)), row.rate) << row.text;
}

TEST(BandwidthTimetables, RefuseWhatIsNone)
{
  for (const char* text : {"",
                           " ",
                           "fast",
                           "2X",
                           "M",
                           "-2M",
                           "+2M",
                           ".5M",
                           "2MB",
                           "2MBit",
                           "2M/s",
                           "2 M",
                           "1e9",
                           "nan",
                           "inf",
                           "2M:1M",
                           "1000b",
                           "1b",
                           "2T",
                           "99999999999999999999G",
                           "2M 3M",
                           "2M 08:00,3M",
                           "24:00,2M",
                           "8:0,2M",
                           "08:60,2M",
                           "08:00",
                           "08:00,",
                           ",2M",
                           "-1:00,2M",
                           "08:-1,2M",
                           "0800,2M",
                           "Mon-08:00,2M",
                           "08:00,2M,23:00,off",
                           "08:00,2M 8:00,3M",
                           "08:00;2M",
                           "off on"}) {
    const Result<BandwidthTimetable> parsed = BandwidthTimetable::parse(text);
    ASSERT_TRUE(fails_with(Errc::invalid, parsed)) << text;
    EXPECT_THAT(parsed.error().hint, HasSubstr("08:00,2M 23:00,off")) << text;
  }
}

TEST(BandwidthTimetables, HoldEachRateUntilTheNextAndOverMidnight)
{
  const BandwidthTimetable day = table("23:00,off 08:00,2M 12:30,512k");
  struct Row {
    minutes time;
    ByteRate rate;
    minutes next;
  };
  const Row rows[] = {{hours(0), std::nullopt, hours(8)},
                      {hours(8) - minutes(1), std::nullopt, hours(8)},
                      {hours(8), 2 * kMiB, hours(12) + minutes(30)},
                      {hours(12) + minutes(29), 2 * kMiB, hours(12) + minutes(30)},
                      {hours(12) + minutes(30), 512 * kKiB, hours(23)},
                      {hours(23) - minutes(1), 512 * kKiB, hours(23)},
                      {hours(23), std::nullopt, hours(8)},
                      {hours(24) - minutes(1), std::nullopt, hours(8)}};
  for (const Row& row : rows) {
    EXPECT_EQ(day.rate_at(row.time), row.rate) << row.time.count();
    EXPECT_EQ(day.next_change(row.time), row.next) << row.time.count();
  }
}

TEST(BandwidthTimetables, KnowWhetherTheyChangeAnything)
{
  EXPECT_FALSE(table("2M").changes());
  EXPECT_FALSE(table("08:00,2M").changes()) << "one rate all day";
  EXPECT_FALSE(table("08:00,2M 20:00,2048k").changes());
  EXPECT_TRUE(table("08:00,2M 20:00,off").changes());
  EXPECT_TRUE(table("off").is_off());
  EXPECT_TRUE(table("08:00,off 20:00,off").is_off());
  EXPECT_FALSE(table("08:00,off 20:00,1G").is_off());
  EXPECT_EQ(table("08:00,2M 20:00,off 22:00,1M").lowest(), kMiB);
}

TEST(BandwidthTimetables, SayWhatHolds)
{
  EXPECT_EQ(table("2M").describe(hours(1)), "limited to 2.0 MiB/s");
  EXPECT_EQ(table("08:00,2M 23:00,off").describe(hours(9)), "limited to 2.0 MiB/s until 23:00");
  EXPECT_EQ(table("08:00,2M 23:00,off").describe(hours(1)), "not limited until 08:00");
  EXPECT_EQ(table("08:05,2M 12:00,2M 23:00,64k").describe(hours(9)),
            "limited to 2.0 MiB/s until 23:00")
      << "at 12:00 nothing changes";
}

/// Takes what it can, and waits as long as it is told: `bytes`, and how long it took.
class Taker {
public:
  explicit Taker(ByteRate rate) : bucket(rate, now) {}

  void take(std::uint64_t bytes, std::size_t at_a_time)
  {
    while (bytes > 0) {
      const std::size_t n =
          bucket.take(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, at_a_time)), now);
      bytes -= n;
      if (n > 0) continue;
      const auto wait = bucket.wait_for(at_a_time, now);
      ASSERT_GT(wait.count(), 0);
      now += wait;
    }
  }
  double seconds_since_start() const
  {
    return std::chrono::duration<double>(now - TokenBucket::Instant()).count();
  }

  TokenBucket::Instant now{};
  TokenBucket bucket;
};

TEST(TokenBuckets, HoldTheirRateAtAnySizeAndRate)
{
  for (const std::uint64_t rate :
       {kKiB, 64 * kKiB, 100'000 + 7 * kKiB, 2 * kMiB, 1024 * kMiB, 1024 * 1024 * kMiB}) {
    for (const std::size_t at_a_time :
         {std::size_t{1}, std::size_t{300}, std::size_t{16} * 1024, std::size_t{512} * 1024}) {
      // A minute's worth, or as much of it as is not tedious.
      const std::uint64_t bytes =
          std::min<std::uint64_t>(60 * rate, at_a_time * std::uint64_t{20'000});
      const double expected = static_cast<double>(bytes) / static_cast<double>(rate);
      if (expected < 0.001) continue;  // a clock's nanoseconds are too coarse for it
      Taker taker(rate);
      taker.take(bytes, at_a_time);
      EXPECT_NEAR(taker.seconds_since_start() / expected, 1, 0.01) << rate << " by " << at_a_time;
    }
  }
}

TEST(TokenBuckets, HandOutNoMoreThanATurn)
{
  EXPECT_EQ(TokenBucket::piece(kKiB), 256U);
  EXPECT_EQ(TokenBucket::piece(64 * kKiB), kKiB);
  EXPECT_EQ(TokenBucket::piece(2 * kMiB), 32 * kKiB);
  EXPECT_EQ(TokenBucket::piece(1024 * kMiB), 512 * kKiB);
  Taker taker(64 * kKiB);
  taker.now += seconds(1);
  EXPECT_EQ(taker.bucket.take(kMiB, taker.now), kKiB);
  EXPECT_EQ(taker.bucket.take(10, taker.now), 10U);
}

TEST(TokenBuckets, SaveHalfASecondAndNoMore)
{
  Taker taker(64 * kKiB);
  taker.now += hours(10);
  std::uint64_t burst = 0;
  while (const std::size_t n = taker.bucket.take(kMiB, taker.now)) burst += n;
  EXPECT_EQ(burst, 32 * kKiB);
}

TEST(TokenBuckets, MakeGoodForAThreadThatWokeLate)
{
  Taker taker(64 * kKiB);
  std::uint64_t bytes = 0;
  for (int i = 0; i < 600; ++i) {  // wakes ten times a second, when it should 64 times
    taker.now += milliseconds(100);
    while (const std::size_t n = taker.bucket.take(kMiB, taker.now)) bytes += n;
  }
  EXPECT_NEAR(static_cast<double>(bytes), 60.0 * 64 * kKiB, 64 * kKiB * 0.1);
}

TEST(TokenBuckets, AreOwedWhatMovedUnasked)
{
  Taker taker(64 * kKiB);
  taker.bucket.count(10 * 64 * kKiB);
  taker.take(kKiB, 512);
  EXPECT_NEAR(taker.seconds_since_start(), 10 + 1 / 64.0, 0.01);
  taker.bucket.count(-static_cast<std::int64_t>(kKiB));
  taker.take(kKiB, 512);
  EXPECT_NEAR(taker.seconds_since_start(), 10 + 1 / 64.0, 0.01) << "given back";
}

TEST(TokenBuckets, FollowAChangeOfRate)
{
  Taker taker(64 * kKiB);
  taker.take(60 * 64 * kKiB, kMiB);
  taker.bucket.set_rate(kMiB, taker.now);
  taker.take(60 * kMiB, kMiB);
  EXPECT_NEAR(taker.seconds_since_start(), 120, 1);
  taker.bucket.set_rate(64 * kKiB, taker.now);
  taker.take(60 * 64 * kKiB, kMiB);
  EXPECT_NEAR(taker.seconds_since_start(), 180, 1);

  taker.bucket.set_rate(std::nullopt, taker.now);
  EXPECT_EQ(taker.bucket.take(100 * kMiB, taker.now), 100 * kMiB);
  EXPECT_EQ(taker.bucket.wait_for(kMiB, taker.now).count(), 0);
  taker.now += hours(5);
  taker.bucket.set_rate(64 * kKiB, taker.now);
  EXPECT_EQ(taker.bucket.take(kMiB, taker.now), 0U)
      << "what moved freely is not owed, and nothing was saved";
  taker.take(60 * 64 * kKiB, kMiB);
  EXPECT_NEAR(taker.seconds_since_start(), 5 * 3600 + 240, 1.5);
}

TEST(TokenBuckets, AreNotConfusedByAnInstantOfThePast)
{
  Taker taker(64 * kKiB);
  taker.now += seconds(10);
  static_cast<void>(taker.bucket.take(1, taker.now));
  EXPECT_EQ(taker.bucket.take(1, taker.now - seconds(5)), 1U);
  std::uint64_t burst = 0;
  while (const std::size_t n = taker.bucket.take(kMiB, taker.now)) burst += n;
  EXPECT_LT(burst, 33 * kKiB);
}

}  // namespace
}  // namespace ib::test
