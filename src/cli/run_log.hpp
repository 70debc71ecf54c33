// SPDX-License-Identifier: Apache-2.0
// The last lines of a run and its progress, for notices and metrics.
#pragma once

#include "base/progress.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// The last 50 lines of a run's log. Thread-safe.
class RunLog {
public:
  void add(std::string line);
  std::vector<std::string> lines() const;

  /// Counts bytes of the library that the run has done.
  void count(std::uint64_t bytes) { bytes_ += bytes; }
  std::uint64_t bytes() const { return bytes_; }

private:
  mutable std::mutex mutex_;
  std::deque<std::string> lines_;  // guarded by mutex_
  std::atomic<std::uint64_t> bytes_ = 0;
};

/// Passes everything on to `shown` and keeps it in `log`. Both must outlive it.
class LoggedProgress final : public Progress {
public:
  LoggedProgress(Progress& shown, RunLog& log) : shown_(shown), log_(log) {}

  void begin(std::string_view step, std::optional<std::uint64_t> total_files,
             std::optional<std::uint64_t> total_bytes) override;
  void advance(std::uint64_t files, std::uint64_t bytes) override;
  void end() override { shown_.end(); }
  void note(std::string_view line) override;

private:
  Progress& shown_;
  RunLog& log_;
  std::atomic<bool> sends_files_ = false;
};

}  // namespace ib
