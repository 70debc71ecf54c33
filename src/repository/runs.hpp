// SPDX-License-Identifier: Apache-2.0
//
// Which runs have begun and not ended, as a listing of runs/ tells.
#pragma once

#include "core/records/restore_point.hpp"
#include "repository/context.hpp"

#include <string>
#include <vector>

namespace ib {

/// A run that began and whose end is not recorded: interrupted, or still going on.
struct UnfinishedRun {
  std::string run;
  std::vector<CheckpointInfo> checkpoints;  ///< in their order
  unsigned last_checkpoint = 0;             ///< its number; 0 where there is none
};
Result<std::vector<UnfinishedRun>> unfinished_runs(const RepositoryContext& repository);

}  // namespace ib
