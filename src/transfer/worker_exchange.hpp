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

/// What the workers of a transfer say to its caller and hear from it, one worker at a time, without
/// a thread between them: a file costs no change of threads. Private to this module.
template <class Item>
class WorkerExchange {
public:
  using Next = std::function<Result<std::optional<Item>>()>;

  WorkerExchange(const Next& next, std::stop_token stop) : next_(next), stop_(std::move(stop)) {}

  /// What to do next. Nothing at the end, and once the transfer is ending.
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

  /// Once no worker is left: the first thing that went wrong for all.
  Result<> verdict() && { return std::move(verdict_); }

protected:
  /// Keeps the first thing that went wrong for all. With mutex_ held.
  void note(Result<> result)
  {
    if (result || !verdict_) return;
    verdict_ = std::move(result);
    changed_.notify_all();
  }

  std::mutex mutex_;  // whoever holds it speaks with the caller; guards what follows
  std::condition_variable changed_;
  Result<> verdict_;

private:
  const Next& next_;
  std::stop_token stop_;
  bool exhausted_ = false;
};

}  // namespace ib
