// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/progress.hpp"

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>

namespace ib::test {

/// What somebody was told by other threads: lines, "step ..." for the steps, and files that are
/// done.
class Notes final : public Progress {
public:
  void begin(std::string_view step, std::optional<std::uint64_t> /*files*/,
             std::optional<std::uint64_t> /*bytes*/) override
  {
    note("step " + std::string(step));
  }
  void advance(std::uint64_t files, std::uint64_t /*bytes*/) override { files_ += files; }
  void end() override {}
  void note(std::string_view line) override
  {
    const std::lock_guard lock(mutex_);
    text_ += std::string(line) + "\n";
  }

  std::string text() const
  {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  std::uint64_t files() const { return files_; }

private:
  mutable std::mutex mutex_;
  std::string text_;
  std::atomic<std::uint64_t> files_ = 0;
};

}  // namespace ib::test
