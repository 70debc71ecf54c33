// SPDX-License-Identifier: Apache-2.0
//
// The manifests and restore points of a store: which of them count, and how a new one is added.
// Nothing here replaces or removes a numbered manifest.
#pragma once

#include "app/session.hpp"
#include "core/restore_point.hpp"
#include "manifest/manifest.hpp"
#include "sys/file.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// What the metadata of a restore point's object tells of it, so that a listing will do.
struct PointFacts {
  bool complete = false;
  std::optional<ObjectName> dump = std::nullopt;
  bool dump_is_good = false;
  bool rebuilt = false;  ///< by rebuild-manifest: nothing that was damaged then is claimed any more
};

/// What a listing of manifest* tells.
struct ManifestListing {
  struct Entry {
    ObjectName name;
    Timestamp time{};
    std::vector<std::string> parents;
    std::string sha256;      ///< of a manifest, in hexadecimal; empty where its metadata was lost
    std::uint64_t size = 0;  ///< as stored
    std::optional<StorageClass> storage_class = std::nullopt;
    std::optional<PointFacts> facts =
        std::nullopt;  ///< of a restore point; absent where its metadata was lost
  };
  std::vector<Entry> manifests;       ///< manifest-*.db, oldest first
  std::vector<Entry> restore_points;  ///< manifest-*.json, oldest first
  /// manifest.db; false where a manifest is ignored, of which it may be the copy
  bool has_current_manifest = false;
  PerClass<StoredAmount> stored;  ///< all of manifest*, by class
  Timestamp store_time{};         ///< the store's clock
  std::uint64_t current_manifest_generation = 0;
  std::uint64_t current_restore_point_generation = 0;

  /// The manifests that no other one names as its parent: one, or several after runs that did not
  /// know of each other. Of those before a parent that is gone (pruned), that one's child knows.
  std::vector<Entry> heads() const;
  /// Later than every name there is, and not before the store's clock.
  Timestamp next_time() const;
};

/// Lists them. invalid if one is dated beyond the store's clock and not among the ignored: it could
/// hide all that come after it.
Result<ManifestListing> list_manifests(const Session& session);

/// Sums over all rows.
struct RowTotals {
  FileCounts counts;
  std::optional<StoredTotals> stored = std::nullopt;
};

/// A working copy of everything that the store's manifests say.
struct Catalog {
  ScratchFolder scratch;
  Manifest manifest;
  ManifestListing listing;
  std::vector<std::string> heads;    ///< the manifests that the copy was made of
  std::optional<ManifestInfo> base;  ///< the newest of them
  std::vector<CheckpointInfo> checkpoints =
      {};  ///< what was merged into them, or is kept of what changed
  /// What became of a manifest of version 2.0. Then there is no base, and the manifest is not
  /// changed until a backup accepts it.
  std::optional<TakenOver> taken_over = std::nullopt;
  /// The sums over its rows as they were loaded, where a restore point tells them.
  std::optional<RowTotals> totals = std::nullopt;
};

/// Loads the manifest. Absent if the store is new: it holds nothing of a backup, or only what a
/// first run that was interrupted has left. corrupt, with a way out, if a manifest is damaged, or
/// missing where there are objects: never a fresh start.
Result<std::optional<Catalog>> load_catalog(const Session& session);

/// The same with what unfinished runs had recorded, where only an existing backup will do: invalid
/// where there is none, or one that is of version 2.0 and that no backup has taken over yet.
Result<Catalog> require_catalog(const Session& session);

/// A catalog for a store that holds nothing yet.
Result<Catalog> new_catalog(const Session& session);

/// Takes the sums over the rows from a restore point, if it rests on just what was loaded: summing
/// up a million rows takes seconds.
void take_totals(Catalog& catalog, const RestorePoint& point);
/// What the rows rely on, as Manifest::stored_totals(). An object without a known class counts as
/// ARCHIVE.
Result<StoredTotals> stored_totals(const Catalog& catalog);

/// Commits: a new manifest-*.db if a row has changed, then the restore point, then the copies for
/// people. `point`'s time and manifest are filled in. Both are create-only; another run's manifest
/// that has appeared since the catalog was loaded is merged first. `notes` takes what went wrong
/// with the copies alone.
Result<> commit_catalog(const Session& session, Catalog& catalog, RestorePoint& point,
                        std::vector<std::string>& notes);

/// The same in a hurry, after a checkpoint: the restore point rests on the manifest that the
/// catalog was loaded from and on the checkpoints, and the next run commits a manifest.
Result<> commit_restore_point(const Session& session, Catalog& catalog, RestorePoint& point,
                              std::vector<std::string>& notes);

/// A catalog of the newest manifest that can be read, or of none, that names every manifest there
/// is as its parent: for making the manifest again. invalid where it is of version 2.0. `notes`
/// takes what could not be read.
Result<Catalog> salvage_catalog(const Session& session, std::vector<std::string>& notes);

/// The content of one restore point.
Result<RestorePoint> read_restore_point(const Session& session, const ObjectName& name);

/// The newest restore point that is not after `at` (absent: the newest of all). invalid if there is
/// none.
Result<RestorePoint> choose_restore_point(const Session& session, const ManifestListing& listing,
                                          std::optional<Timestamp> at);

/// The facts of one restore point, from its metadata or, where that was lost, its content.
Result<PointFacts> facts_of(const Session& session, const ManifestListing::Entry& entry);

/// The restore point to go back to: the one of exactly that time, or else the newest complete one
/// that is not after `at` (absent: of all), or where none is complete the newest. Tells the person
/// of one that is newer and incomplete, and of one that is not there any more, in `notes`. `wanted`
/// is what else it must have. Errors as choose_restore_point.
Result<RestorePoint> choose_good_restore_point(
    const Session& session, const ManifestListing& listing, std::optional<Timestamp> at,
    std::vector<std::string>& notes,
    const std::function<bool(const PointFacts&)>& wanted = nullptr);

/// Puts what a restore point rests on in the place of the catalog's manifest, for reading its
/// files: what runs that did not know of each other recorded for the same instants cannot be told
/// apart once it is merged. Where some of it is gone or damaged, the catalog stays as it is.
Result<> go_back_to(const Session& session, Catalog& catalog, const RestorePoint& point);

/// Merges what a run had recorded in a checkpoint. `scratch` takes a copy of it.
Result<> merge_checkpoint(const Session& session, const ScratchFolder& scratch, Manifest& manifest,
                          const CheckpointInfo& checkpoint);

}  // namespace ib
