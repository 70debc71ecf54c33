// SPDX-License-Identifier: Apache-2.0
#include "net/bandwidth.hpp"

#include "sys/system.hpp"
#include "sys/time_zone.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

/// How often the thread whose turn it is reads the clock. Also the longest wait, so that a new rate
/// takes effect soon.
constexpr std::chrono::seconds kLook{1};
/// For a rate that changes. A buffer that was filled at a high rate must not take long at a low
/// one, and a buffer for the low rate must not slow down the high one.
constexpr std::size_t kLeastSharedBuffer = std::size_t{16} * 1024;
constexpr std::size_t kLeastBuffer = 1024;  // curl's own

std::size_t buffer_size_for(const BandwidthTimetable& timetable)
{
  return std::max(TokenBucket::piece(timetable.lowest()),
                  timetable.changes() ? kLeastSharedBuffer : kLeastBuffer);
}

}  // namespace

std::chrono::minutes RealBandwidthClock::time_of_day()
{
  return local_time_of_day(wall_clock_now());
}

void RealBandwidthClock::wait(std::chrono::nanoseconds delay, const std::stop_token& stop)
{
  std::unique_lock lock(mutex_);
  never_.wait_for(lock, stop, delay, [] { return false; });
}

Bandwidth::Bandwidth(BandwidthTimetable timetable, std::shared_ptr<BandwidthClock> clock)
    : timetable_(std::move(timetable)),
      clock_(std::move(clock)),
      buffer_size_(buffer_size_for(timetable_)),
      bucket_(timetable_.rate_at(clock_->time_of_day()), clock_->now()),
      looked_at_clock_(clock_->now())
{}

void Bandwidth::announce(std::function<void(const std::string&)> say)
{
  const std::scoped_lock guard(mutex_);
  say_ = std::move(say);
  say_(timetable_.describe(clock_->time_of_day()));
}

std::size_t Bandwidth::receive_window(std::size_t connections)
{
  constexpr std::size_t kLeast = 2304;  // Linux's minimum (SOCK_MIN_RCVBUF)
  constexpr std::size_t kMost = std::size_t{1} << 30U;
  const std::scoped_lock guard(mutex_);
  follow_timetable();
  const ByteRate rate = bucket_.rate();
  if (!rate) return kMost;
  return std::clamp<std::uint64_t>(*rate / 2 / std::max<std::size_t>(connections, 1), kLeast,
                                   kMost);
}

std::size_t Bandwidth::waiting()
{
  const std::scoped_lock guard(mutex_);
  return waiters_.size();
}

/// The caller holds the lock.
void Bandwidth::follow_timetable()
{
  const auto now = clock_->now();
  if (now - looked_at_clock_ < kLook) return;
  looked_at_clock_ = now;
  const std::chrono::minutes time = clock_->time_of_day();
  const ByteRate rate = timetable_.rate_at(time);
  if (rate == bucket_.rate()) return;
  bucket_.set_rate(rate, now);
  if (say_) say_(timetable_.describe(time));
}

/// The caller holds the lock.
void Bandwidth::leave(const Waiter& waiter)
{
  const bool had_turn = waiters_.front() == &waiter;
  std::erase(waiters_, &waiter);
  if (had_turn && !waiters_.empty()) waiters_.front()->turn.notify_one();
}

Result<std::size_t> Bandwidth::acquire(std::size_t wanted, const std::stop_token& stop)
{
  if (wanted == 0) return std::size_t{0};
  Waiter self;
  std::unique_lock lock(mutex_);
  waiters_.push_back(&self);
  self.turn.wait(lock, stop, [&] { return waiters_.front() == &self; });
  for (;;) {
    if (stop.stop_requested()) {
      leave(self);
      return fail(Errc::cancelled, "interrupted");
    }
    follow_timetable();
    if (const std::size_t bytes = bucket_.take(wanted, clock_->now()); bytes > 0) {
      leave(self);
      return bytes;
    }
    const auto delay =
        std::min<std::chrono::nanoseconds>(bucket_.wait_for(wanted, clock_->now()), kLook);
    lock.unlock();  // so that other threads can queue and call count()
    clock_->wait(delay, stop);
    lock.lock();
  }
}

void Bandwidth::count(std::int64_t bytes)
{
  const std::scoped_lock guard(mutex_);
  follow_timetable();
  if (bucket_.rate()) bucket_.count(bytes);
}

}  // namespace ib
