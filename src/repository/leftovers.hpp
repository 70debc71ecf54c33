// SPDX-License-Identifier: Apache-2.0
//
// What killed runs have stored and not recorded: found by a listing, and claimed.
#pragma once

#include "manifest/run_plan.hpp"
#include "repository/catalog.hpp"
#include "repository/context.hpp"

#include <cstdint>

namespace ib {

/// Lists all objects of files, and adds those that no row claims to `plan`: unfinished runs may
/// have stored them after their last checkpoint. An object that has lost its metadata is left out;
/// it is found when its name is tried.
Result<> find_what_was_left(const RepositoryContext& repository, Catalog& catalog, RunPlan& plan);

/// Records what no row claims even now, as content that its path once had (Manifest::record_aside):
/// the file has changed or gone since. Returns how many objects nothing else names. Size and CRC32C
/// are the store's word; the unfinished run's insert made sure that it was given for what that run
/// had read.
Result<std::uint64_t> claim_what_was_left(const RepositoryContext& repository, Catalog& catalog,
                                          const RunPlan& plan);

}  // namespace ib
