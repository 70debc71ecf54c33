// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "store/retry_schedule.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace ib {

/// Time and chance, as retries need them. Any thread may call the members.
class Backoff {
public:
  virtual ~Backoff() = default;
  virtual std::chrono::steady_clock::time_point now() = 0;
  /// A random number in [0, 1).
  virtual double chance() = 0;
  /// Waits. cancelled as soon as `stop` is requested.
  virtual Result<> wait(std::chrono::milliseconds delay, const std::stop_token& stop) = 0;
};

/// Uses the machine's clock and real random numbers.
std::shared_ptr<Backoff> make_real_backoff();

/// Repeats attempts while they fail with `unavailable`. All threads share one pause: if a server
/// says that it is overloaded (an error with retry_after), no thread that shares this retrier sends
/// anything until that time is over.
class Retrier {
public:
  /// Once `hurry` is requested, somebody waits for the end: what is brought to its end all the
  /// same, because its own `stop` is not requested, is tried again for twenty seconds instead of
  /// the policy's time.
  Retrier(RetryPolicy policy, std::shared_ptr<Backoff> backoff, std::stop_token hurry = {})
      : policy_(policy), backoff_(std::move(backoff)), hurry_(std::move(hurry))
  {}

  /// Returns the first success or the last failure. Passes the number of the attempt, from 1.
  template <class Attempt>
  auto run(const std::stop_token& stop, Attempt attempt) -> decltype(attempt(1))
  {
    std::chrono::steady_clock::time_point first_failure;
    for (int number = 1;; ++number) {
      TRY(wait_for_pause(stop));
      auto result = attempt(number);
      if (result || result.error().code != Errc::unavailable) return result;
      if (number == 1) first_failure = backoff_->now();
      const auto delay = next_delay(number + 1, result.error(), first_failure);
      if (!delay) return result;
      TRY(backoff_->wait(*delay, stop));
    }
  }

private:
  Result<> wait_for_pause(const std::stop_token& stop);
  std::optional<std::chrono::milliseconds> next_delay(
      int next, const Error& error, std::chrono::steady_clock::time_point first_failure);

  RetryPolicy policy_;
  std::shared_ptr<Backoff> backoff_;
  std::stop_token hurry_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point pause_until_{};  // guarded by mutex_
};

}  // namespace ib
