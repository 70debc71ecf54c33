// SPDX-License-Identifier: Apache-2.0
//
// The dumps that a store holds: which there are, which of them a restore point is chosen for, and
// which are too old.
#pragma once

#include "core/names/removable_name.hpp"
#include "repository/context.hpp"
#include "repository/listing.hpp"
#include "repository/runs.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ib {

/// The dumps that the store holds: one listing.
Result<std::vector<ObjectInfo>> list_dump_objects(const RepositoryContext& repository);
/// The same, summed up by class.
PerClass<StoredAmount> amounts_of(const std::vector<ObjectInfo>& dumps);

/// Whether something of this age may be of a run that is still going on.
bool may_belong_to(std::span<const UnfinishedRun> runs, Timestamp time);

/// The dumps among `dumps` that are older than the newest `keep` good ones of these restore points,
/// but for the one of the newest complete restore point, and those whose run may still be going on.
Result<std::vector<RemovableName>> old_dumps(const RepositoryContext& repository,
                                             const ManifestListing& listing,
                                             std::span<const ObjectInfo> dumps,
                                             std::span<const UnfinishedRun> unfinished,
                                             std::uint64_t keep);

}  // namespace ib
