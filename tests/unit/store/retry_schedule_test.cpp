// SPDX-License-Identifier: Apache-2.0
#include "store/retry_schedule.hpp"

#include <gtest/gtest.h>

namespace ib::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr RetryPolicy kPolicy{
    .first = milliseconds(1000), .ceiling = milliseconds(64'000), .total = minutes(10)};

struct Row {
  const char* says;
  int next;
  Errc code;
  std::optional<milliseconds> retry_after;
  milliseconds elapsed;
  double chance;
  std::optional<milliseconds> delay;
};

TEST(RetryDelay, FollowsItsTable)
{
  const Row rows[] = {
      {"the first wait is within a second", 2, Errc::unavailable, {}, {}, 0.5, milliseconds(500)},
      {"it may be nothing", 2, Errc::unavailable, {}, {}, 0.0, milliseconds(0)},
      {"the interval doubles", 3, Errc::unavailable, {}, {}, 0.5, milliseconds(1000)},
      {"and doubles", 4, Errc::unavailable, {}, {}, 0.5, milliseconds(2000)},
      {"up to the ceiling", 8, Errc::unavailable, {}, {}, 0.5, milliseconds(32'000)},
      {"and no further", 1000, Errc::unavailable, {}, {}, 0.999, milliseconds(63'936)},
      {"the server's word is the least",
       2,
       Errc::unavailable,
       milliseconds(7000),
       {},
       0.5,
       milliseconds(7000)},
      {"and may be less than ours",
       8,
       Errc::unavailable,
       milliseconds(100),
       {},
       0.5,
       milliseconds(32'000)},
      {"time ends it", 2, Errc::unavailable, {}, minutes(10), 0.5, std::nullopt},
      {"also when the wait would pass it", 2, Errc::unavailable, minutes(9), minutes(2), 0.5,
       std::nullopt},
      {"a refusal is final", 2, Errc::denied, {}, {}, 0.5, std::nullopt},
      {"a taken name is final", 2, Errc::precondition_failed, {}, {}, 0.5, std::nullopt},
      {"nonsense is final", 2, Errc::invalid, {}, {}, 0.5, std::nullopt},
      {"absence is final", 2, Errc::not_found, {}, {}, 0.5, std::nullopt},
      {"damage is final", 2, Errc::corrupt, {}, {}, 0.5, std::nullopt},
      {"an interruption is final", 2, Errc::cancelled, {}, {}, 0.5, std::nullopt},
  };
  for (const Row& row : rows) {
    const Error error{.code = row.code, .message = "x", .retry_after = row.retry_after};
    EXPECT_EQ(retry_delay(kPolicy, row.next, error, row.elapsed, row.chance), row.delay)
        << row.says;
  }
}

}  // namespace
}  // namespace ib::test
