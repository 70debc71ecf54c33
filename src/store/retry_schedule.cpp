// SPDX-License-Identifier: Apache-2.0
#include "store/retry_schedule.hpp"

#include <algorithm>

namespace ib {

std::optional<std::chrono::milliseconds> retry_delay(const RetryPolicy& policy, int next,
                                                     const Error& error,
                                                     std::chrono::milliseconds elapsed,
                                                     double chance)
{
  using std::chrono::milliseconds;
  if (error.code != Errc::unavailable || elapsed >= policy.total) return std::nullopt;
  milliseconds interval = policy.first;
  for (int attempt = 2; attempt < next && interval < policy.ceiling; ++attempt) interval *= 2;
  interval = std::min(interval, policy.ceiling);
  const milliseconds jittered(
      static_cast<milliseconds::rep>(static_cast<double>(interval.count()) * chance));
  const milliseconds delay = std::max(jittered, error.retry_after.value_or(milliseconds(0)));
  // If the server asks for more time than is left, gives up at once.
  if (elapsed + delay > policy.total) return std::nullopt;
  return delay;
}

}  // namespace ib
