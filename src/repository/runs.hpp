// SPDX-License-Identifier: Apache-2.0
//
// Which runs have begun and not ended, as a listing of runs/ tells.
#pragma once

#include "core/records/restore_point.hpp"
#include "repository/context.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace ib {

/// A run whose upload goes on leaves an object below runs/ at least this often.
inline constexpr std::chrono::minutes kHeartbeatInterval{10};
/// One that has left none for so long is over.
inline constexpr std::chrono::minutes kSilence{15};

/// What the metadata of a run's objects tells, so that a listing will do.
inline const std::string kRunTimeKey = "time";        // when the run created it
inline const std::string kRunProcessKey = "process";  // of a begin mark: this_process()
inline const std::string kRunPartKey = "part";        // of a begin mark: the run is part of a fleet

/// A run that began and whose end is not recorded: interrupted, or still going on.
struct UnfinishedRun {
  std::string run;
  Timestamp began{};                        ///< by the store's clock, as what follows
  Timestamp seen{};                         ///< when it left its newest object
  std::uint64_t objects = 0;                ///< how many it has left below runs/
  std::string process;                      ///< this_process() of it; empty where it is not known
  bool is_part = false;                     ///< of a fleet
  bool stopped = false;                     ///< it has said itself that it does nothing any more
  std::vector<CheckpointInfo> checkpoints;  ///< in their order
  unsigned last_checkpoint = 0;             ///< its number; 0 where there is none
};
Result<std::vector<UnfinishedRun>> unfinished_runs(const RepositoryContext& repository);

}  // namespace ib
