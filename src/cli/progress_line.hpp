// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic and the words of a progress display, without its clock and its thread.
#pragma once

#include "base/time.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// How much of a step is done.
struct Amount {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  friend bool operator==(const Amount&, const Amount&) = default;
};

/// How fast something has been going lately.
class Rate {
public:
  /// The total at an instant; instants must not go back.
  void sample(std::chrono::milliseconds at, Amount total);
  double files_per_second() const;
  double bytes_per_second() const;

private:
  struct Sample {
    std::chrono::milliseconds at;
    Amount total;
  };
  double per_second(std::uint64_t Amount::*member) const;
  std::deque<Sample> samples_;
};

/// What there is to show of a step.
struct StepView {
  std::string step;
  Amount done;
  std::optional<std::uint64_t> total_files;
  std::optional<std::uint64_t> total_bytes;
  double files_per_second = 0;
  double bytes_per_second = 0;
  std::chrono::milliseconds elapsed{};
};

/// How long the rest will take; absent where nobody can know.
std::optional<std::chrono::milliseconds> time_left(const StepView& view);

/// "backing up files  12,345 of 214,031 files, 1.2 GiB of 214 GiB, 87 MiB/s, 41 min 5 s left": as
/// much of it as fits into `width` columns.
std::string progress_line(const StepView& view, std::size_t width);

/// The same for a log, with the time; and how a step went that has ended.
std::string log_line(const StepView& view, Timestamp now);
std::string log_end_line(const StepView& view, Timestamp now);

}  // namespace ib
