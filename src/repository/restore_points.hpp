// SPDX-License-Identifier: Apache-2.0
//
// The restore points of a store: reading one, choosing one, and putting a new one there.
#pragma once

#include "core/records/path_history.hpp"
#include "core/records/restore_point.hpp"
#include "repository/context.hpp"
#include "repository/listing.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

/// The content of one restore point.
Result<RestorePoint> read_restore_point(const RepositoryContext& repository,
                                        const ObjectName& name);

/// The newest restore point that is not after `at` (absent: the newest of all). invalid if there is
/// none.
Result<RestorePoint> choose_restore_point(const RepositoryContext& repository,
                                          const ManifestListing& listing,
                                          std::optional<Timestamp> at);

/// What each of them brings, oldest first: for the life of a path. Where a listing does not tell,
/// its document is read; a damaged one is left out.
Result<std::vector<RestorablePoint>> restorable_points(const RepositoryContext& repository,
                                                       const ManifestListing& listing);

/// The facts of one restore point, from its metadata or, where that was lost, its content.
Result<PointFacts> facts_of(const RepositoryContext& repository,
                            const ManifestListing::Entry& entry);

}  // namespace ib
