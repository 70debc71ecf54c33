// SPDX-License-Identifier: Apache-2.0
//
// The restore points of a store: reading one, choosing one, and putting a new one there.
#pragma once

#include "core/records/restore_point.hpp"
#include "repository/context.hpp"
#include "repository/listing.hpp"

#include <functional>
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

/// The facts of one restore point, from its metadata or, where that was lost, its content.
Result<PointFacts> facts_of(const RepositoryContext& repository,
                            const ManifestListing::Entry& entry);

/// The restore point to go back to: the one of exactly that time, or else the newest complete one
/// that is not after `at` (absent: of all), or where none is complete the newest. Tells the person
/// of one that is newer and incomplete, and of one that is not there any more, in `notes`. `wanted`
/// is what else it must have. Errors as choose_restore_point.
Result<RestorePoint> choose_good_restore_point(
    const RepositoryContext& repository, const ManifestListing& listing,
    std::optional<Timestamp> at, std::vector<std::string>& notes,
    const std::function<bool(const PointFacts&)>& wanted = nullptr);

}  // namespace ib
