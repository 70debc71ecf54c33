// SPDX-License-Identifier: Apache-2.0
//
// The dumps that a store holds: which there are, and what one says when it is read back.
#pragma once

#include "app/catalog.hpp"
#include "app/session.hpp"
#include "core/restore_point.hpp"
#include "postgres/dump_inventory.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

/// The dumps that the store holds: one listing.
Result<std::vector<ObjectInfo>> list_dump_objects(const Session& session);
/// The same, summed up by class.
PerClass<StoredAmount> amounts_of(const std::vector<ObjectInfo>& dumps);

/// Reads a dump back from the store to its last line: its SHA-256 must be `expected` (where given),
/// its gzip stream and pg_dump's trailer whole. What it needs to be restored.
struct CheckedDump {
  std::uint64_t bytes = 0;
  Sha256 sha256;
  std::vector<std::string> extensions;
  DumpInventory inventory;
};
/// The same, and hands its SQL to `sink` as it comes: nothing of it may be relied on before this
/// has ended well.
Result<CheckedDump> read_stored_dump(const Session& session, const ObjectName& name,
                                     const std::optional<Sha256>& expected, const ByteSink& sink);
Result<CheckedDump> check_stored_dump(const Session& session, const ObjectName& name,
                                      const std::optional<Sha256>& expected);

/// The restore point whose dump is to be read: the one of exactly `at`, whether it has a dump or
/// not; else the newest complete one (until `at`) whose dump is in the store, as
/// choose_good_restore_point chooses. One listing of the dumps.
Result<RestorePoint> choose_dumped_restore_point(const Session& session,
                                                 const ManifestListing& listing,
                                                 std::optional<Timestamp> at,
                                                 std::vector<std::string>& notes);

}  // namespace ib
