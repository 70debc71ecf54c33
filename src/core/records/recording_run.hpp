// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <string>

namespace ib {

/// The run that recorded a state. Runs are ordered by what they build on and never by a clock: a
/// generation is 1 + the highest of the commits that the run's own builds on. Two runs that did not
/// know of each other may share one, so it takes both to name a run.
struct RecordingRun {
  std::uint64_t generation = 0;
  std::string run;      ///< its id, as below runs/
  Timestamp started{};  ///< for people to read

  friend bool operator==(const RecordingRun&, const RecordingRun&) = default;
};

/// A manifest of version 3 named states by the second in which their run began, and its restore
/// points brought what had begun until theirs: these seconds stand for generations.
inline std::uint64_t generation_in_version_3(Timestamp time)
{
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.time_since_epoch().count()));
}

}  // namespace ib
