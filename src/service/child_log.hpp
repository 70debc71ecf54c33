// SPDX-License-Identifier: Apache-2.0
//
// What a run of this program prints, as the progress of the process that has started it.
#pragma once

#include "base/progress.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ib {

/// Takes the log of a process with --log-format json, and its results as text. Passes its steps on
/// to `progress`, and its lines as notes that begin with its name. One thread at a time.
class ChildLog {
public:
  /// `name` is "backup". `progress` must outlive it.
  ChildLog(std::string name, Progress& progress) : name_(std::move(name)), progress_(progress) {}

  void take_log(std::string_view piece);
  void take_results(std::string_view piece);
  /// To be called when there is no more: also passes on what has no newline.
  void end();

private:
  void take_log_line(std::string_view line);
  void note(std::string_view line);

  std::string name_;
  Progress& progress_;
  std::string log_, results_;  // what has no newline yet
  std::string step_;
  std::uint64_t files_ = 0, bytes_ = 0;
};

}  // namespace ib
