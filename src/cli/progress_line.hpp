// SPDX-License-Identifier: Apache-2.0
// The arithmetic and the words of a progress display. Uses no clock and no thread.
#pragma once

#include "base/time.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace ib {

/// How much of a step is done.
struct Amount {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  friend bool operator==(const Amount&, const Amount&) = default;
};

/// The speed over about the last 20 seconds.
class Rate {
public:
  /// Takes the total at an instant. The instants must not decrease.
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

/// The state of a step.
struct StepView {
  std::string step;
  Amount done;
  std::optional<std::uint64_t> total_files;
  std::optional<std::uint64_t> total_bytes;
  double files_per_second = 0;
  double bytes_per_second = 0;
  std::chrono::milliseconds elapsed{};
};

/// How long the rest will take. Absent if this cannot be known.
std::optional<std::chrono::milliseconds> time_left(const StepView& view);

/// "backing up files  12,345 of 214,031 files, 1.2 GiB of 214 GiB, 87 MiB/s, 41 min 5 s left",
/// shortened to `width` columns.
std::string progress_line(const StepView& view, std::size_t width);

/// The same for a log, with the time.
std::string log_line(const StepView& view, Timestamp now);
/// A line of the log for a step that has ended.
std::string log_end_line(const StepView& view, Timestamp now);

}  // namespace ib
