// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <chrono>
#include <optional>

namespace ib {

/// How long to keep trying. Google's own clients begin with one second, double it, and give up
/// after a time, not after a number of attempts
/// (https://cloud.google.com/storage/docs/retry-strategy).
struct RetryPolicy {
  std::chrono::milliseconds first{1'000};
  std::chrono::milliseconds ceiling{64'000};
  std::chrono::milliseconds total{10 * 60 * 1'000};  ///< since the first failure
};

/// How long to wait before attempt `next` (2, 3, ...). Nothing means: give up. Only `unavailable`
/// is tried again. `chance`, a number in [0, 1), picks the wait from an interval that doubles with
/// each attempt ("full jitter"), so that many clients do not return at the same instant. The wait
/// is never shorter than the server asked for. Pure.
std::optional<std::chrono::milliseconds> retry_delay(const RetryPolicy& policy, int next,
                                                     const Error& error,
                                                     std::chrono::milliseconds elapsed,
                                                     double chance);

}  // namespace ib
