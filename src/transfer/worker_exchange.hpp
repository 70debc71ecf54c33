// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace ib {

/// How the workers of a transfer talk with its caller: one worker at a time, on its own thread. So
/// a file costs no switch between threads. Private to this module.
template <class Item>
class WorkerExchange {
public:
  using Next = std::function<Result<std::optional<Item>>()>;

  WorkerExchange(const Next& next, std::stop_token stop) : next_(next), stop_(std::move(stop)) {}

  /// The next item. Empty at the end, and when the transfer is ending.
  std::optional<Item> next()
  {
    const std::scoped_lock turn(mutex_);
    if (exhausted_ || !verdict_) return std::nullopt;
    if (stop_.stop_requested()) {
      note(fail(Errc::cancelled, "interrupted"));
      return std::nullopt;
    }
    Result<std::optional<Item>> next = next_();
    if (!next) {
      note(std::unexpected(std::move(next).error()));
      return std::nullopt;
    }
    exhausted_ = !*next;
    return *std::move(next);
  }

  /// The first failure that concerns all items. Call this when no worker is left.
  Result<> verdict() && { return std::move(verdict_); }

protected:
  /// Keeps the first failure that concerns all items. The caller holds mutex_.
  void note(Result<> result)
  {
    if (result || !verdict_) return;
    verdict_ = std::move(result);
    changed_.notify_all();
  }

  std::mutex mutex_;  // held while a worker talks with the caller; guards the members below
  std::condition_variable changed_;
  Result<> verdict_;

private:
  const Next& next_;
  std::stop_token stop_;
  bool exhausted_ = false;
};

}  // namespace ib
