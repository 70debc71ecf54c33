// SPDX-License-Identifier: Apache-2.0
//
// Retention: the only place where something is removed from a store. What the library holds or has
// held stays for ever; restore points, dumps, manifests, finished runs and proofs may go.
#pragma once

#include "app/session.hpp"
#include "core/planning/retention.hpp"
#include "report/prune.hpp"

namespace ib {

struct PruneJob {
  RetentionRules rules;
  bool remove = false;  ///< else it is only shown
};

/// Removes the restore points that no rule keeps, and then what no restore point rests on any more:
/// killed at any point, it leaves no restore point that lacks something. Nothing goes of a run that
/// may still be going on, nor a manifest that was the newest within the last week. denied where the
/// credential may not.
Result<PruneReport> run_prune(const Session& session, const PruneJob& job);

}  // namespace ib
