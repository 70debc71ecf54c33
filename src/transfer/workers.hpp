// SPDX-License-Identifier: Apache-2.0
// How many files a transfer moves at the same time.
#pragma once

#include "base/progress.hpp"
#include "store/usage_meter.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>

namespace ib {

/// A fixed number of workers, or a range in which a transfer finds the best number by itself.
struct Workers {
  // NOLINTNEXTLINE(google-explicit-constructor): a number of workers is what it says
  constexpr Workers(unsigned fixed) : first(fixed), most(fixed) {}
  constexpr Workers(unsigned begin_with, unsigned at_most, const UsageMeter* store_meter = nullptr)
      : first(begin_with), most(at_most), meter(store_meter)
  {}

  unsigned first;
  unsigned most;
  /// Tells when the store refuses since it is asked too much. It must outlive the transfer.
  const UsageMeter* meter = nullptr;
};

/// What a transfer has done so far.
struct WorkDone {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t refusals = 0;  ///< by a store that is asked too much
};

/// Finds how many workers get the most done: more as long as that helps, fewer once the store
/// refuses, or where fewer do as well. Pure: it is told the time. One thread at a time.
class WorkerTuner {
public:
  using Time = std::chrono::steady_clock::time_point;

  WorkerTuner(const Workers& workers, Time now);

  unsigned limit() const { return limit_; }
  /// `done` is since the beginning.
  void update(Time now, const WorkDone& done);

private:
  enum class Phase : std::uint8_t { growing, holding, probing };

  void end_window(Time now, double rate);
  void set_limit(unsigned limit);
  void begin_window(Time now, const WorkDone& done, bool settles);

  const unsigned most_;
  unsigned limit_;
  unsigned held_;  // the limit to go back to
  Phase phase_ = Phase::growing;
  bool settling_ = true;  // workers that were added have not ended a file yet
  bool probes_up_ = true;
  double rate_ = 0;  // of the limit that is held: work a second
  std::chrono::steady_clock::duration patience_;
  Time window_began_;
  Time held_since_;
  WorkDone at_window_;
};

/// The turns of the workers of one transfer. Any thread may call it.
class WorkerTurns final : public Progress {
public:
  /// Passes progress on to `shown` and learns from it. Both must outlive it.
  WorkerTurns(const Workers& workers, Progress& shown);

  /// Whether worker `index`, from 0, is one too many at this moment.
  bool is_spare(unsigned index) const { return index >= limit_.load(std::memory_order_relaxed); }
  /// Waits until it is not. False once the transfer has ended.
  bool wait_for_turn(unsigned index);
  /// There is nothing more to do.
  void end_turns();

  void begin(std::string_view step, std::optional<std::uint64_t> total_files,
             std::optional<std::uint64_t> total_bytes) override
  {
    shown_.begin(step, total_files, total_bytes);
  }
  void advance(std::uint64_t files, std::uint64_t bytes) override;
  void end() override { shown_.end(); }
  void note(std::string_view line) override { shown_.note(line); }

private:
  void look(std::chrono::steady_clock::time_point now);

  Progress& shown_;
  const UsageMeter* meter_;
  const bool is_fixed_;
  std::atomic<unsigned> limit_;
  std::atomic<std::uint64_t> files_ = 0, bytes_ = 0;
  std::atomic<std::int64_t> next_look_ = 0;  // of the steady clock, in nanoseconds
  std::mutex mutex_;
  std::condition_variable changed_;
  WorkerTuner tuner_;   // guarded by mutex_
  bool ended_ = false;  // guarded by mutex_
};

/// Runs `work` for each worker of the range on a thread of its own, and waits for all.
void run_workers(const Workers& workers, const std::function<void(unsigned index)>& work);

/// The bytes that all workers of a transfer may hold in memory. Any thread may call it.
class MemoryBudget {
public:
  explicit MemoryBudget(std::size_t bytes) : left_(bytes) {}
  /// False if so much is not left.
  bool take(std::size_t bytes);
  void give_back(std::size_t bytes) { left_.fetch_add(bytes); }

private:
  std::atomic<std::size_t> left_;
};

}  // namespace ib
