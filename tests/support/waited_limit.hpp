// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/bandwidth.hpp"
#include "support/builders.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

namespace ib::test {

/// Time passes by waiting alone. The limit lets one thread wait at a time, so that its waits add up
/// to the time that the bytes of all threads take.
class WaitedClock final : public BandwidthClock {
public:
  explicit WaitedClock(std::chrono::minutes began_at = std::chrono::hours(12)) : began_at_(began_at)
  {}
  std::chrono::steady_clock::time_point now() override
  {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(waited_.load()));
  }
  std::chrono::minutes time_of_day() override
  {
    return (began_at_ +
            std::chrono::floor<std::chrono::minutes>(std::chrono::nanoseconds(waited_.load()))) %
           std::chrono::hours(24);
  }
  void wait(std::chrono::nanoseconds delay, const std::stop_token& /*stop*/) override
  {
    waited_ += delay.count();
    if (on_wait) on_wait();
  }
  double seconds_waited() const { return static_cast<double>(waited_.load()) / 1e9; }
  void pass(std::chrono::nanoseconds time) { waited_ += time.count(); }

  std::function<void()> on_wait;

private:
  const std::chrono::minutes began_at_;
  std::atomic<std::int64_t> waited_ = 0;
};

/// A limit on such a clock.
struct Limit {
  explicit Limit(std::string_view text, std::chrono::minutes began_at = std::chrono::hours(12))
      : clock(std::make_shared<WaitedClock>(began_at)),
        bandwidth(std::make_shared<Bandwidth>(must(BandwidthTimetable::parse(text)), clock))
  {}

  void acquire(std::uint64_t bytes) const
  {
    while (bytes > 0) bytes -= must(bandwidth->acquire(bytes, {}));
  }

  std::shared_ptr<WaitedClock> clock;
  std::shared_ptr<Bandwidth> bandwidth;
};

/// Does `work` in `count` threads at once, each with its number.
inline void in_threads(unsigned count, const std::function<void(unsigned)>& work)
{
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
}

}  // namespace ib::test
