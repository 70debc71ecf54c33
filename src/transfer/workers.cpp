// SPDX-License-Identifier: Apache-2.0
#include "transfer/workers.hpp"

#include <algorithm>
#include <thread>
#include <vector>

namespace ib {
namespace {

using namespace std::chrono_literals;

// What a request costs beside its bytes, as bytes: so small files count as well as large ones.
constexpr double kBytesOfARequest = 65536;
// Files end in bursts, one of each worker: a window has to hold several.
constexpr unsigned kFilesPerWorker = 4;
constexpr auto kShortestWindow = 100ms;
constexpr auto kLongestWindow = 1s;

// Twice the workers have to do at least so much more to be worth doubling again, or to stay.
constexpr double kGrowsOn = 1.2;
constexpr double kStays = 1.05;
// Half as many more, or a quarter less.
constexpr double kProbeGains = 1.1;
constexpr double kProbeLoses = 0.97;
constexpr auto kFirstPatience = 3s;
constexpr auto kMostPatience = 60s;

constexpr auto kLookEvery = 10ms;

double work_of(const WorkDone& done)
{
  return static_cast<double>(done.bytes) + kBytesOfARequest * static_cast<double>(done.files);
}

}  // namespace

WorkerTuner::WorkerTuner(const Workers& workers, Time now)
    : most_(std::max({1U, workers.first, workers.most})),
      limit_(std::max(1U, workers.first)),
      held_(limit_),
      patience_(kFirstPatience),
      window_began_(now),
      held_since_(now)
{}

void WorkerTuner::set_limit(unsigned limit)
{
  limit_ = std::clamp(limit, 1U, most_);
}

void WorkerTuner::begin_window(Time now, const WorkDone& done, bool settles)
{
  window_began_ = now;
  at_window_ = done;
  settling_ = settles;
}

void WorkerTuner::update(Time now, const WorkDone& done)
{
  if (done.refusals > at_window_.refusals) {
    // Whoever asks too much gets less, and tries for more only after a while.
    set_limit(limit_ / 2);
    held_ = limit_;
    phase_ = Phase::holding;
    rate_ = 0;
    held_since_ = now;
    patience_ = kFirstPatience;
    begin_window(now, done, true);
    return;
  }
  const auto elapsed = now - window_began_;
  const std::uint64_t files = done.files - at_window_.files;
  if (settling_) {
    if (files >= limit_ || elapsed >= kLongestWindow) begin_window(now, done, false);
    return;
  }
  const bool is_over =
      files >= std::uint64_t{kFilesPerWorker} * limit_ && elapsed >= kShortestWindow;
  if (!is_over && elapsed < kLongestWindow) return;
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const double rate = (work_of(done) - work_of(at_window_)) / seconds;
  const unsigned before = limit_;
  end_window(now, rate);
  begin_window(now, done, limit_ != before);
}

void WorkerTuner::end_window(Time now, double rate)
{
  switch (phase_) {
    case Phase::growing:
      if (rate_ > 0 && rate < rate_ * kStays) {
        set_limit(held_);
        phase_ = Phase::holding;
      } else if (limit_ == most_ || (rate_ > 0 && rate < rate_ * kGrowsOn)) {
        rate_ = rate;
        held_ = limit_;
        phase_ = Phase::holding;
      } else {
        rate_ = rate;
        held_ = limit_;
        set_limit(limit_ * 2);
      }
      held_since_ = now;
      return;
    case Phase::holding:
      // The line and the store change: what counts is how it went lately.
      rate_ = rate_ > 0 ? 0.7 * rate_ + 0.3 * rate : rate;
      if (now - held_since_ < patience_) return;
      phase_ = Phase::probing;
      if (limit_ == most_) probes_up_ = false;
      if (limit_ == 1) probes_up_ = true;
      set_limit(probes_up_ ? limit_ + std::max(1U, limit_ / 2) : limit_ - std::max(1U, limit_ / 4));
      return;
    case Phase::probing: {
      const bool is_better = probes_up_ ? rate > rate_ * kProbeGains : rate >= rate_ * kProbeLoses;
      phase_ = Phase::holding;
      held_since_ = now;
      if (is_better) {
        held_ = limit_;
        rate_ = rate;
        patience_ = kFirstPatience;
      } else {
        set_limit(held_);
        probes_up_ = !probes_up_;
        patience_ = std::min<std::chrono::steady_clock::duration>(patience_ * 2, kMostPatience);
      }
      return;
    }
  }
}

WorkerTurns::WorkerTurns(const Workers& workers, Progress& shown)
    : shown_(shown),
      meter_(workers.meter),
      is_fixed_(workers.most <= workers.first),
      limit_(std::max(1U, workers.first)),
      tuner_(workers, std::chrono::steady_clock::now())
{}

bool WorkerTurns::wait_for_turn(unsigned index)
{
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_ || !is_spare(index); });
  return !ended_;
}

void WorkerTurns::end_turns()
{
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void WorkerTurns::advance(std::uint64_t files, std::uint64_t bytes)
{
  shown_.advance(files, bytes);
  if (is_fixed_) return;
  files_ += files;
  bytes_ += bytes;
  const auto now = std::chrono::steady_clock::now();
  const std::int64_t now_ns = now.time_since_epoch() / 1ns;
  std::int64_t next = next_look_.load();
  // One of the workers looks, and the others go on.
  if (now_ns >= next && next_look_.compare_exchange_strong(next, now_ns + kLookEvery / 1ns))
    look(now);
}

void WorkerTurns::look(std::chrono::steady_clock::time_point now)
{
  const std::scoped_lock lock(mutex_);
  tuner_.update(
      now,
      {.files = files_, .bytes = bytes_, .refusals = meter_ == nullptr ? 0 : meter_->refusals()});
  if (limit_.exchange(tuner_.limit()) != tuner_.limit()) changed_.notify_all();
}

void run_workers(const Workers& workers, const std::function<void(unsigned index)>& work)
{
  const unsigned count = std::max({1U, workers.first, workers.most});
  std::vector<std::jthread> threads;
  threads.reserve(count);
  for (unsigned i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
}

bool MemoryBudget::take(std::size_t bytes)
{
  std::size_t left = left_.load();
  while (left >= bytes)
    if (left_.compare_exchange_weak(left, left - bytes)) return true;
  return false;
}

}  // namespace ib
