// SPDX-License-Identifier: Apache-2.0
//
// What killed runs have stored and not recorded: found by a listing, and claimed.
#pragma once

#include "repository/catalog.hpp"
#include "repository/context.hpp"

#include <cstdint>

namespace ib {

/// What unfinished runs may have stored after their last checkpoint: lists all objects of files,
/// and keeps those that no row claims, for Manifest::find_unclaimed. There must be a plan, and the
/// contents indexed. An object that has lost its metadata is not among them: it is found when its
/// name is tried.
Result<> find_what_was_left(const RepositoryContext& repository, Catalog& catalog);

/// Records what no row claims even now, as content that its path once had (Manifest::record_aside):
/// the file has changed or gone since. Returns how many objects nothing else names. Size and CRC32C
/// are the store's word; that it was given for what the unfinished run had read, that run's insert
/// made sure.
Result<std::uint64_t> claim_what_was_left(const RepositoryContext& repository, Catalog& catalog,
                                          Timestamp now);

}  // namespace ib
