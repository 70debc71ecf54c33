// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "net/bandwidth_timetable.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

namespace ib {

/// Time, as a limit needs it. Members may be called from any thread.
class BandwidthClock {
public:
  virtual ~BandwidthClock() = default;
  virtual std::chrono::steady_clock::time_point now() = 0;
  /// The clock on the wall: since local midnight.
  virtual std::chrono::minutes time_of_day() = 0;
  /// Returns early once `stop` is requested.
  virtual void wait(std::chrono::nanoseconds delay, const std::stop_token& stop) = 0;
};

class RealBandwidthClock final : public BandwidthClock {
public:
  std::chrono::steady_clock::time_point now() override { return std::chrono::steady_clock::now(); }
  std::chrono::minutes time_of_day() override;
  void wait(std::chrono::nanoseconds delay, const std::stop_token& stop) override;

private:
  std::mutex mutex_;
  std::condition_variable_any never_;
};

/// Holds the bytes that all threads move, in both directions together, to a timetable's rate.
///
/// Where it is applied: over a bucket in HttpClient, below the retries, so that what is sent again
/// counts again, and headers, listings, manifests and the token count too; over a folder in
/// make_limited_store(), where there is nothing but objects' bytes. A decorator alone could not
/// promise as much for a bucket: of a file of a kilobyte a third is headers and metadata, and it
/// would count a repeated upload once.
///
/// Threads take turns in the order in which they came, each for 1/64 of a second's worth at most:
/// 64 of them at 64 KiB/s move 1 KiB each second, and no connection is silent for so long that a
/// server gives it up. Members may be called from any thread.
class Bandwidth {
public:
  explicit Bandwidth(BandwidthTimetable timetable, std::shared_ptr<BandwidthClock> clock =
                                                       std::make_shared<RealBandwidthClock>());

  /// Waits until some of `wanted` bytes may move; how many. cancelled once `stop` is requested.
  Result<std::size_t> acquire(std::size_t wanted, const std::stop_token& stop);

  /// Bytes that moved without being waited for: who comes next waits for them. Negative: that were
  /// acquired and did not move.
  void count(std::int64_t bytes);

  /// The largest buffer that a thread should fill before it asks, lest it falls silent for long.
  std::size_t buffer_size() const { return buffer_size_; }

  /// How much a connection, one of so many, should let the other side send ahead of what is read:
  /// together about half a second's worth. Otherwise 64 connections, on which the kernel takes 64
  /// KiB each before anybody reads them, move a minute's worth at 64 KiB/s in no time.
  std::size_t receive_window(std::size_t connections);

  /// How many threads are waiting.
  std::size_t in_line();

  /// Calls `say` with what holds now ("limited to 2.0 MiB/s until 23:00"), and again, on any thread
  /// and one at a time, when the timetable changes it.
  void announce(std::function<void(const std::string&)> say);

private:
  struct Waiter {
    std::condition_variable_any turn;
  };

  void follow_timetable();
  void leave(const Waiter& waiter);

  const BandwidthTimetable timetable_;
  const std::shared_ptr<BandwidthClock> clock_;
  const std::size_t buffer_size_;
  std::mutex mutex_;
  TokenBucket bucket_;           // guarded by mutex_
  std::deque<Waiter*> waiters_;  // guarded by mutex_; the first has its turn
  std::chrono::steady_clock::time_point looked_at_clock_;  // guarded by mutex_
  std::function<void(const std::string&)> say_;            // guarded by mutex_
};

}  // namespace ib
