// SPDX-License-Identifier: Apache-2.0
#include "store/retrier.hpp"

#include "support/emulated_bucket.hpp"

#include <gtest/gtest.h>

namespace ib::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr RetryPolicy kPolicy{
    .first = milliseconds(1000), .ceiling = milliseconds(64'000), .total = minutes(10)};

Error overloaded(milliseconds wait)
{
  return {.code = Errc::unavailable, .message = "busy", .retry_after = wait};
}

TEST(Retrier, ReturnsTheFirstSuccess)
{
  const auto backoff = std::make_shared<InstantBackoff>();
  Retrier retrier(kPolicy, backoff);
  const Result<int> result = retrier.run({}, [](int attempt) -> Result<int> {
    if (attempt < 4) return fail(Errc::unavailable, "not yet");
    return attempt;
  });
  EXPECT_EQ(result.value(), 4);
  EXPECT_EQ(backoff->waits(), 3U);
}

TEST(Retrier, HoldsEverybodyBackWhenTheServerIsOverloaded)
{
  const auto backoff = std::make_shared<InstantBackoff>();
  Retrier retrier(kPolicy, backoff);
  int calls = 0;
  const Result<int> first = retrier.run({}, [&](int attempt) -> Result<int> {
    if (attempt == 1) {
      // While one waits, another one wants to begin: it waits, too, before its first attempt.
      static_cast<void>(retrier.run({}, [&](int inner) -> Result<int> {
        ++calls;
        if (inner == 1 && calls == 1) return std::unexpected(overloaded(seconds(20)));
        return 0;
      }));
      return std::unexpected(overloaded(seconds(30)));
    }
    return 1;
  });
  ASSERT_TRUE(first);
  EXPECT_GE(backoff->waited(), seconds(50));
  const milliseconds before = backoff->waited();
  ASSERT_TRUE(retrier.run({}, [](int /*attempt*/) -> Result<int> { return 1; }));
  EXPECT_EQ(backoff->waited(), before);  // the pause is over
}

TEST(Retrier, StopsWaitingWhenAskedTo)
{
  Retrier retrier(kPolicy, make_real_backoff());
  std::stop_source stop;
  const Result<int> result = retrier.run(stop.get_token(), [&](int /*attempt*/) -> Result<int> {
    stop.request_stop();
    return std::unexpected(overloaded(minutes(5)));
  });
  EXPECT_EQ(result.error().code, Errc::cancelled);
  EXPECT_EQ(result.error().message, "interrupted while waiting: busy");
}

TEST(Retrier, TellsOnceAMinuteWhatItWaitsFor)
{
  std::vector<std::string> told;
  Retrier retrier(kPolicy, std::make_shared<InstantBackoff>(), {},
                  [&](const Error& error) { told.push_back(error.message); });
  const auto try_until = [&](int last) {
    return retrier.run({}, [&](int attempt) -> Result<int> {
      if (attempt < last) return fail(Errc::unavailable, "attempt " + std::to_string(attempt));
      return attempt;
    });
  };
  ASSERT_TRUE(try_until(3));
  EXPECT_EQ(told, std::vector<std::string>{});  // a hiccup
  ASSERT_TRUE(try_until(4));
  EXPECT_EQ(told, std::vector<std::string>{"attempt 3"});
  ASSERT_FALSE(try_until(1000));  // for ten minutes
  EXPECT_GE(told.size(), 7U);
  EXPECT_LE(told.size(), 11U);
}

}  // namespace
}  // namespace ib::test
