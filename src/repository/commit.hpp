// SPDX-License-Identifier: Apache-2.0
//
// How a run ends in the store: a manifest where a row has changed, and the restore point that rests
// on it. Nothing here replaces or removes a numbered manifest.
#pragma once

#include "repository/catalog.hpp"
#include "repository/context.hpp"

#include <functional>
#include <string>
#include <vector>

namespace ib {

/// Commits. If a row has changed, merges the manifests that other runs have stored since the
/// catalog was loaded, and stores a new manifest-<time>.db. After such a merge, `after_merge` says
/// anew in `point` what it claims of the rows (null: nothing). Then stores the restore point
/// manifest-<time>.json. Both are only ever created. Each is followed by its copy for people,
/// manifest.db or manifest.json, which is replaced. Fills in `point`'s time, manifest and counts.
/// `notes` takes what went wrong with the copies alone.
Result<> commit_catalog(const RepositoryContext& repository, Catalog& catalog, RestorePoint& point,
                        const std::function<Result<>(RestorePoint&)>& after_merge,
                        std::vector<std::string>& notes);

/// Whether a commit that changes little replaces manifest.db as well, which is always whole.
bool renews_copy(const RepositoryContext& repository, const Catalog& catalog);

/// The same in a hurry, after a checkpoint: the restore point rests on the manifest that the
/// catalog was loaded from and on the checkpoints, and the next run commits a manifest.
Result<> commit_restore_point(const RepositoryContext& repository, Catalog& catalog,
                              RestorePoint& point, std::vector<std::string>& notes);

}  // namespace ib
