// SPDX-License-Identifier: Apache-2.0
#include "transfer/workers.hpp"

#include "support/builders.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace ib::test {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

/// A transfer of many files of one size over a line and a store that can do only so much.
struct Line {
  double seconds_a_file = 0.045;  ///< of one worker that is alone
  double files_a_second = 800;    ///< of all workers together
  double bytes_a_file = 262'144;
  /// Above so many workers the store refuses; 0: never.
  unsigned refuses_above = 0;
};

class Tuned {
public:
  explicit Tuned(Workers workers) : tuner_(workers, now_) {}

  void run(const Line& line, std::chrono::milliseconds time)
  {
    constexpr auto kStep = 10ms;
    for (auto passed = 0ms; passed < time; passed += kStep) {
      const double each = 1 / line.seconds_a_file;
      const double rate = std::min(each * tuner_.limit(), line.files_a_second);
      files_ += rate * std::chrono::duration<double>(kStep).count();
      if (line.refuses_above > 0 && tuner_.limit() > line.refuses_above) ++refusals_;
      now_ += kStep;
      tuner_.update(now_, {.files = static_cast<std::uint64_t>(files_),
                           .bytes = static_cast<std::uint64_t>(files_ * line.bytes_a_file),
                           .refusals = refusals_});
      most_ = std::max(most_, tuner_.limit());
    }
  }
  unsigned limit() const { return tuner_.limit(); }
  unsigned most() const { return most_; }
  double files() const { return files_; }

private:
  WorkerTuner::Time now_{};
  WorkerTuner tuner_;
  double files_ = 0;
  std::uint64_t refusals_ = 0;
  unsigned most_ = 0;
};

TEST(WorkerTuners, HideTheLatencyOfADistantStoreWithinASecond)
{
  Tuned tuned(Workers(16, 64));
  tuned.run({}, 1s);
  EXPECT_THAT(tuned.limit(), Ge(32U));
  // Within 20 % of what the best fixed number would have done in three seconds.
  tuned.run({}, 2s);
  EXPECT_GE(tuned.files(), 0.8 * 3 * 800);
}

TEST(WorkerTuners, TakeAsFewAsDoAsWell)
{
  Tuned tuned(Workers(16, 64));
  tuned.run({.seconds_a_file = 0.01, .files_a_second = 400}, 2s);
  EXPECT_EQ(tuned.limit(), 16U) << "twice as many did no better";
  tuned.run({.seconds_a_file = 0.01, .files_a_second = 400}, 120s);
  EXPECT_THAT(tuned.limit(), AllOf(Ge(4U), Le(8U))) << "four are enough";
}

TEST(WorkerTuners, TakeHalfWhereTheStoreRefusesAndTryAgainLater)
{
  Tuned tuned(Workers(16, 64));
  tuned.run({.refuses_above = 12}, 200ms);
  EXPECT_THAT(tuned.limit(), Le(12U));
  tuned.run({.refuses_above = 12}, 60s);
  EXPECT_THAT(tuned.limit(), AllOf(Ge(4U), Le(12U)));
  tuned.run({}, 120s);
  EXPECT_THAT(tuned.limit(), Ge(30U)) << "the store has come round";
}

TEST(WorkerTuners, FollowALineThatBecomesFaster)
{
  Tuned tuned(Workers(16, 64));
  tuned.run({.files_a_second = 100}, 30s);
  EXPECT_THAT(tuned.limit(), Le(16U));
  tuned.run({.files_a_second = 800}, 180s);
  EXPECT_THAT(tuned.limit(), Ge(30U));
}

TEST(WorkerTuners, MeasureLargeFilesByTheirBytes)
{
  Tuned tuned(Workers(16, 64));
  const Line line{.seconds_a_file = 100, .files_a_second = 0.04, .bytes_a_file = 1'073'741'824};
  tuned.run(line, 60s);
  EXPECT_THAT(tuned.limit(), Le(16U)) << "the line is full";
  EXPECT_EQ(tuned.most() <= 32U, true);
}

TEST(WorkerTuners, NeverLeaveTheirRange)
{
  for (const unsigned most : {1U, 3U, 64U}) {
    Tuned tuned(Workers(1, most));
    tuned.run({.files_a_second = 1e6}, 60s);
    EXPECT_EQ(tuned.limit(), most);
    tuned.run({.refuses_above = 1}, 60s);
    EXPECT_THAT(tuned.limit(), AllOf(Ge(1U), Le(most)));
  }
}

TEST(WorkerTurns, LetAsManyWorkAsTheLimitSays)
{
  SilentProgress progress;
  WorkerTurns turns(Workers(2, 4), progress);
  EXPECT_FALSE(turns.is_spare(1));
  EXPECT_TRUE(turns.is_spare(2));
  EXPECT_TRUE(turns.wait_for_turn(1));
  std::jthread waits([&] { EXPECT_FALSE(turns.wait_for_turn(3)); });
  turns.end_turns();
}

TEST(WorkerTurns, GrowWhileTheWorkersAreAtIt)
{
  SilentProgress progress;
  WorkerTurns turns(Workers(1, 8), progress);
  std::atomic<unsigned> seen = 0;
  run_workers(Workers(1, 8), [&](unsigned index) {
    for (int files = 0; turns.wait_for_turn(index); ++files) {
      seen = std::max(seen.load(), index + 1);
      if (seen == 8 || files == 2000) break;
      std::this_thread::sleep_for(2ms);  // a reply that takes its time
      turns.advance(1, 1000);
    }
    turns.end_turns();
  });
  EXPECT_GE(seen, 4U);
}

TEST(WorkerTurns, TakeHalfWhereTheStoreRefuses)
{
  SilentProgress progress;
  UsageMeter meter;
  WorkerTurns turns(Workers(8, 64, &meter), progress);
  EXPECT_FALSE(turns.is_spare(7));
  meter.add_refusal();
  turns.advance(1, 1000);
  EXPECT_TRUE(turns.is_spare(4));
  EXPECT_FALSE(turns.is_spare(3));
}

TEST(MemoryBudgets, GiveNoMoreThanTheyHave)
{
  MemoryBudget budget(100);
  EXPECT_TRUE(budget.take(60));
  EXPECT_FALSE(budget.take(41));
  EXPECT_TRUE(budget.take(40));
  budget.give_back(60);
  EXPECT_TRUE(budget.take(60));
}

}  // namespace
}  // namespace ib::test
