// SPDX-License-Identifier: Apache-2.0
//
// How a run ends in the store: a manifest where a row has changed, and the restore point that rests
// on it. Nothing here replaces or removes a numbered manifest.
#pragma once

#include "repository/catalog.hpp"
#include "repository/context.hpp"

#include <string>
#include <vector>

namespace ib {

/// Commits: a new manifest-*.db if a row has changed, then the restore point, then the copies for
/// people. `point`'s time and manifest are filled in. Both are create-only; another run's manifest
/// that has appeared since the catalog was loaded is merged first. `notes` takes what went wrong
/// with the copies alone.
Result<> commit_catalog(const RepositoryContext& repository, Catalog& catalog, RestorePoint& point,
                        std::vector<std::string>& notes);

/// The same in a hurry, after a checkpoint: the restore point rests on the manifest that the
/// catalog was loaded from and on the checkpoints, and the next run commits a manifest.
Result<> commit_restore_point(const RepositoryContext& repository, Catalog& catalog,
                              RestorePoint& point, std::vector<std::string>& notes);

}  // namespace ib
