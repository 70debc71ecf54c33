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

/// The time, as a limit needs it. Any thread may call the members.
class BandwidthClock {
public:
  virtual ~BandwidthClock() = default;
  virtual std::chrono::steady_clock::time_point now() = 0;
  /// The local time of day: since local midnight.
  virtual std::chrono::minutes time_of_day() = 0;
  /// Returns early when `stop` is requested.
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

/// Limits the bytes that all threads move, in both directions together, to a timetable's rate.
///
/// For a bucket, HttpClient applies the limit. It does so below the retries, so bytes that are sent
/// again count again, and so do headers, listings, manifests and the token. For a folder,
/// make_limited_store() applies it, because only objects' bytes move there. A decorator would not
/// do for a bucket: it would not see headers and metadata, which are a third of a file of 1 KB, and
/// it would count a repeated upload once.
///
/// Threads take turns in the order of their arrival. Each moves at most 1/64 of the bytes of a
/// second: at 64 KiB/s, 64 threads move 1 KiB each per second. So no connection is silent long
/// enough for a server to close it. Any thread may call the members.
class Bandwidth {
public:
  explicit Bandwidth(BandwidthTimetable timetable, std::shared_ptr<BandwidthClock> clock =
                                                       std::make_shared<RealBandwidthClock>());

  /// Waits until some of `wanted` bytes may move, and returns how many. cancelled if `stop` is
  /// requested.
  Result<std::size_t> acquire(std::size_t wanted, const std::stop_token& stop);

  /// Counts bytes that moved without acquire(). The next threads wait for them. Negative: bytes
  /// that were acquired but did not move.
  void count(std::int64_t bytes);

  /// The largest buffer that a thread should fill before it calls acquire(). With a larger one a
  /// connection could be silent for too long.
  std::size_t buffer_size() const { return buffer_size_; }

  /// How much the other side should send ahead on one of `connections` connections. Together they
  /// get about the bytes of half a second. The kernel accepts 64 KiB per connection before anybody
  /// reads them; without this limit 64 connections would receive a minute's worth at 64 KiB/s at
  /// once.
  std::size_t receive_window(std::size_t connections);

  /// How many threads are waiting.
  std::size_t waiting();

  /// Calls `say` with the present rate ("limited to 2.0 MiB/s until 23:00"), and again whenever the
  /// timetable changes it. Any thread may make these later calls, one at a time.
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
