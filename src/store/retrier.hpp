// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "store/retry_schedule.hpp"

#include <chrono>
#include <functional>
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

/// Hears why an attempt failed that will be repeated. Any thread may call it.
using TellOfWait = std::function<void(const Error&)>;

/// Repeats attempts while they fail with `unavailable`. All threads share one pause: if a server
/// says that it is overloaded (an error with retry_after), no thread that shares this retrier sends
/// anything until that time is over.
class Retrier {
public:
  /// Once `hurry` is requested, somebody waits for the end: what is brought to its end all the
  /// same, because its own `stop` is not requested, is tried again for twenty seconds instead of
  /// the policy's time. `tell`, if it is set, hears of each third failure in a row and those after
  /// it, once a minute.
  Retrier(RetryPolicy policy, std::shared_ptr<Backoff> backoff, std::stop_token hurry = {},
          TellOfWait tell = {})
      : policy_(policy),
        backoff_(std::move(backoff)),
        hurry_(std::move(hurry)),
        tell_(std::move(tell))
  {}

  /// Returns the first success or the last failure. Passes the number of the attempt, from 1. An
  /// error of `cancelled` says what was waited for.
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
      if (number >= kToldFrom) tell(result.error());
      if (!backoff_->wait(*delay, stop)) return interrupted(result.error());
    }
  }

private:
  static constexpr int kToldFrom = 3;

  static std::unexpected<Error> interrupted(const Error& waited_for);
  void tell(const Error& error);
  Result<> wait_for_pause(const std::stop_token& stop);
  std::optional<std::chrono::milliseconds> next_delay(
      int next, const Error& error, std::chrono::steady_clock::time_point first_failure);

  RetryPolicy policy_;
  std::shared_ptr<Backoff> backoff_;
  std::stop_token hurry_;
  TellOfWait tell_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point pause_until_{};        // guarded by mutex_
  std::optional<std::chrono::steady_clock::time_point> told_;  // guarded by mutex_
};

}  // namespace ib
