// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/progress.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ib::test {

/// Does something while the program works: once `files` of a step's files are done, or at once when
/// the step begins. The thread that reports the progress does it.
class AtStep final : public Progress {
public:
  AtStep(std::string_view step, std::function<void()> act, std::uint64_t files = 0)
      : step_(step), act_(std::move(act)), files_(files)
  {}

  void begin(std::string_view step, std::optional<std::uint64_t> /*files*/,
             std::optional<std::uint64_t> /*bytes*/) override
  {
    is_in_step_ = step == step_;
    if (is_in_step_ && files_ == 0) act_();
  }
  void advance(std::uint64_t files, std::uint64_t /*bytes*/) override
  {
    if (!is_in_step_) return;
    const std::uint64_t before = done_.fetch_add(files);
    if (before < files_ && before + files >= files_) act_();
  }
  void end() override {}
  void note(std::string_view /*line*/) override {}

private:
  const std::string step_;
  const std::function<void()> act_;
  const std::uint64_t files_;
  std::atomic<bool> is_in_step_ = false;
  std::atomic<std::uint64_t> done_ = 0;
};

}  // namespace ib::test
