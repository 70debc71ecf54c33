// SPDX-License-Identifier: Apache-2.0
//
// A working copy of everything that a store's manifests say: what every command reads, and what a
// backup adds to.
#pragma once

#include "core/records/restore_point.hpp"
#include "manifest/exchange.hpp"
#include "manifest/manifest.hpp"
#include "repository/context.hpp"
#include "repository/listing.hpp"
#include "repository/runs.hpp"
#include "sys/file.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// Sums over the rows of a manifest in one of its states.
struct KnownTotals {
  std::uint64_t revision = 0;  ///< Manifest::revision()
  FileCounts counts = {};
  std::optional<StoredTotals> stored = std::nullopt;
};

/// A working copy of everything that the store's manifests say.
struct Catalog {
  ScratchFolder scratch;
  Manifest manifest;
  ManifestListing listing;
  std::vector<std::string> heads;    ///< the manifests that the copy was made of
  std::optional<ManifestInfo> base;  ///< the newest of them
  /// What the next commit may be a delta on: a full manifest, and nothing else the copy was made of
  /// but a delta on it. Absent where only a full one will do.
  std::optional<DeltaBase> full = std::nullopt;
  RecordingRun recorded_by = {};     ///< the run whose commit that is
  std::uint64_t generation = 0;      ///< the highest of the heads; the next commit is one more
  bool has_unfinished_runs = false;  ///< when it was loaded
  std::vector<CheckpointInfo> checkpoints =
      {};  ///< what was merged into them, or is kept of what changed
  /// What became of a manifest of version 2.0. Then there is no base, and the manifest is not
  /// changed until a backup accepts it.
  std::optional<TakenOver> taken_over = std::nullopt;
  /// The sums over its rows, as a restore point told them or as they were last summed up.
  std::optional<KnownTotals> totals = std::nullopt;
};

/// Loads the manifest. Absent if the store is new: it holds nothing of a backup, or only what a
/// first run that was interrupted has left. corrupt, with a way out, if a manifest is damaged, or
/// missing where there are objects: never a fresh start.
Result<std::optional<Catalog>> load_catalog(const RepositoryContext& repository);

/// The same with what unfinished runs had recorded, where only an existing backup will do, if only
/// of the database: invalid where there is none, or one that is of version 2.0 and that no backup
/// has taken over yet.
Result<Catalog> require_catalog(const RepositoryContext& repository);

/// invalid where `listing` has nothing of a backup: all of it was set aside since no trusted key
/// has signed it, or no store was begun there.
Result<> require_backup(const RepositoryContext& repository, const ManifestListing& listing);

/// A catalog for a store that holds nothing yet.
Result<Catalog> new_catalog(const RepositoryContext& repository);

/// Shows `look` each manifest and each checkpoint of an unfinished run that may know of objects
/// which the salvaged `catalog` does not: those that a rebuild had dropped, and those of runs that
/// did not know of each other. The newest first, for as long as it returns true; what cannot be
/// read is passed over.
Result<> look_into_other_manifests(const RepositoryContext& repository, const Catalog& catalog,
                                   const std::function<Result<bool>(const Manifest&)>& look);

/// Whether what was loaded is just what a restore point rests on: then the catalog's manifest is
/// its own.
bool rests_on(const RestorePoint& point, const Catalog& catalog);

/// Takes the sums over the rows from a restore point, if it rests on just what was loaded: summing
/// up a million rows takes seconds.
void take_totals(Catalog& catalog, const RestorePoint& point);
/// How many files the rows have. Keeps the sums in the catalog, as the next one does.
Result<FileCounts> file_counts(Catalog& catalog);
/// The objects that the rows rely on. One without a known class counts as ARCHIVE.
Result<StoredTotals> stored_totals(Catalog& catalog);

/// Takes in what other runs have committed since the catalog was loaded. Whether there was
/// anything.
Result<bool> merge_new_heads(const RepositoryContext& repository, Catalog& catalog);

/// The manifest that a restore point names, with its checkpoints: its own files, and no later
/// knowledge. A copy in the catalog's scratch folder. not_found or corrupt where some of it is gone
/// or damaged.
Result<Manifest> manifest_of(const RepositoryContext& repository, const Catalog& catalog,
                             const RestorePoint& point);

/// A manifest of the listing, in a copy in the catalog's scratch folder. not_found or corrupt where
/// it is gone or damaged; invalid where it is of version 2.0.
Result<Manifest> manifest_at(const RepositoryContext& repository, const Catalog& catalog,
                             const ObjectName& name);

/// A catalog of the newest manifest that can be read, or of none, that names every manifest there
/// is as its parent: for making the manifest again. invalid where it is of version 2.0. `notes`
/// takes what could not be read.
Result<Catalog> salvage_catalog(const RepositoryContext& repository,
                                std::vector<std::string>& notes);

/// Merges what a run had recorded in a checkpoint. `scratch` takes a copy of it.
Result<> merge_checkpoint(const RepositoryContext& repository, const ScratchFolder& scratch,
                          Manifest& manifest, const CheckpointInfo& checkpoint);

/// Takes in what unfinished runs had recorded: each row was confirmed by the store before. A
/// checkpoint that cannot be read is passed over with a note: its files are only looked at again.
Result<> fold_checkpoints(const RepositoryContext& repository, Catalog& catalog,
                          const std::vector<UnfinishedRun>& runs, std::vector<std::string>& notes);

}  // namespace ib
