// SPDX-License-Identifier: Apache-2.0
//
// Keeps a backup out of a place that is not its store: an unmounted disk, a mistyped prefix, the
// store of another Immich.
#pragma once

#include "app/backup/backup_job.hpp"
#include "app/findings.hpp"
#include "app/session.hpp"
#include "core/records/restore_point.hpp"
#include "core/records/store_marker.hpp"
#include "immich/database.hpp"
#include "repository/listing.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

/// One run's. Used by one thread.
class StoreGuard {
public:
  StoreGuard(const Session& session, const BackupJob& job, Findings& findings)
      : session_(session), job_(job), findings_(findings)
  {}

  /// invalid if the place was not begun as a store and holds no backup, or if its marker is another
  /// store's than `newest`, the newest restore point that could be read (null: none). `has_backup`:
  /// its manifest or a restore point could be read.
  Result<> require_store(const ManifestListing& listing, bool has_backup,
                         const RestorePoint* newest);

  /// invalid if the database is of another Immich than the store. To be called with what it tells
  /// at the instant of its dump, before that is stored.
  Result<> require_own_immich(const ImmichFacts& facts);

  /// Writes the marker where a backup is without one, and tells. Does nothing in a place that has
  /// it, in a dry run, and in a part of a fleet.
  Result<> keep_marker();

  /// The store's id. Empty before it has a marker.
  std::string store_id() const { return marker_ ? marker_->id : ""; }

private:
  const Session& session_;
  const BackupJob& job_;
  Findings& findings_;
  std::optional<StoreMarker> marker_;
  std::string known_id_;             // what the restore points call the store
  bool has_dumps_ = false;           // as far as the newest restore point tells
  std::vector<std::string> immich_;  // of the database that this run has read
};

}  // namespace ib
