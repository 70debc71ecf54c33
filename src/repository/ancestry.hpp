// SPDX-License-Identifier: Apache-2.0
//
// Whether a catalog still says what the manifests say that it builds on.
#pragma once

#include "core/records/problem.hpp"
#include "repository/catalog.hpp"
#include "repository/context.hpp"

#include <vector>

namespace ib {

/// Compares the rows with the manifests that the heads name as their parents, and with the one that
/// a verification or a drill last looked at: one problem for each kind of contradiction. What
/// rebuild-manifest has dropped, and what --accept-changes has accepted, is none. Manifests that
/// are pruned or cannot be read are passed over. Fetches those that it compares with.
Result<std::vector<Problem>> contradictions_of(const RepositoryContext& repository,
                                               Catalog& catalog);

/// Whether somebody else's word is in the catalog: another key has signed one of its heads, or,
/// where nothing is signed, there are several.
bool builds_on_others(const RepositoryContext& repository, const Catalog& catalog);

}  // namespace ib
