// SPDX-License-Identifier: Apache-2.0
#include "net/bandwidth.hpp"

#include "support/builders.hpp"
#include "support/waited_limit.hpp"

#include <atomic>
#include <thread>

namespace ib::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;

TEST(Bandwidths, HoldTheSumOfAllThreadsToTheRate)
{
  for (const unsigned threads : {1U, 4U, 64U}) {
    const Limit limit("64k");
    in_threads(threads, [&](unsigned) { limit.acquire(60 * 64 * kKiB / threads); });
    EXPECT_NEAR(limit.clock->seconds_waited(), 60, 0.6) << threads;
  }
}

TEST(Bandwidths, LetThreadsTakeTurns)
{
  const Limit limit("64k");
  std::vector<std::jthread> others;
  limit.clock->on_wait = [&] {
    if (!others.empty()) return;
    for (int i = 0; i < 3; ++i)
      others.emplace_back([&] { static_cast<void>(limit.bandwidth->acquire(kMiB, {})); });
    while (limit.bandwidth->waiting() < 4) std::this_thread::yield();
  };
  EXPECT_EQ(must(limit.bandwidth->acquire(kMiB, {})), kKiB);
  EXPECT_EQ(must(limit.bandwidth->acquire(kMiB, {})), kKiB);
  EXPECT_NEAR(limit.clock->seconds_waited(), 5 / 64.0, 0.001)
      << "all others came before the second turn";
}

TEST(Bandwidths, FollowTheTimetableWhileARunGoesOn)
{
  const Limit limit("08:00,64k 23:00,1M 23:30,off", hours(22) + minutes(50));
  std::vector<std::string> said;
  limit.bandwidth->announce([&](const std::string& line) { said.push_back(line); });
  limit.acquire(10 * 60 * 64 * kKiB);
  EXPECT_NEAR(limit.clock->seconds_waited(), 600, 2);
  limit.acquire(30 * 60 * kMiB);
  EXPECT_NEAR(limit.clock->seconds_waited(), 2400, 4);
  limit.clock->pass(seconds(10));
  limit.acquire(1024 * kMiB);
  EXPECT_NEAR(limit.clock->seconds_waited(), 2410, 4) << "off";
  limit.clock->pass(hours(9));
  limit.acquire(60 * 64 * kKiB);
  EXPECT_NEAR(limit.clock->seconds_waited(), 2410 + 9 * 3600 + 60, 4);
  EXPECT_THAT(said,
              ElementsAre("limited to 64 KiB/s until 23:00", "limited to 1.0 MiB/s until 23:30",
                          "not limited until 08:00", "limited to 64 KiB/s until 23:00"));
}

TEST(Bandwidths, AreLeftAtOnceWhenStopped)
{
  // On the real clock: at this rate the debt alone would take a day.
  const auto bandwidth = std::make_shared<Bandwidth>(must(BandwidthTimetable::parse("1k")));
  bandwidth->count(86'400 * kKiB);
  std::stop_source stop;
  std::atomic<int> cancelled = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      if (fails_with(Errc::cancelled, bandwidth->acquire(kMiB, stop.get_token()))) ++cancelled;
    });
  }
  stop.request_stop();
  threads.clear();
  EXPECT_EQ(cancelled, 8);
}

TEST(Bandwidths, PassTheTurnOnWhenTheFirstInLineIsStopped)
{
  const Limit limit("64k");
  std::stop_source stop;
  limit.clock->on_wait = [&] { stop.request_stop(); };
  EXPECT_TRUE(fails_with(Errc::cancelled, limit.bandwidth->acquire(kMiB, stop.get_token())));
  limit.clock->on_wait = nullptr;
  EXPECT_EQ(must(limit.bandwidth->acquire(kMiB, {})), kKiB);
}

TEST(Bandwidths, CostNothingWhenOff)
{
  const Limit limit("00:00,off 08:00,64k", hours(1));
  EXPECT_EQ(must(limit.bandwidth->acquire(100 * kMiB, {})), 100 * kMiB);
  EXPECT_EQ(limit.clock->seconds_waited(), 0);
}

TEST(Bandwidths, AskForBuffersThatSuitTheLowestRate)
{
  EXPECT_EQ(Limit("64k").bandwidth->buffer_size(), kKiB);
  EXPECT_EQ(Limit("1k").bandwidth->buffer_size(), kKiB) << "curl takes no less";
  EXPECT_EQ(Limit("08:00,64k 20:00,off").bandwidth->buffer_size(), 16 * kKiB);
  EXPECT_EQ(Limit("1G").bandwidth->buffer_size(), 512 * kKiB);
}

}  // namespace
}  // namespace ib::test
