// SPDX-License-Identifier: Apache-2.0
//
// The manifests and restore points that a store holds, as one listing tells of them.
#pragma once

#include "core/records/restore_point.hpp"
#include "repository/context.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// What the metadata of a restore point's object tells of it, so that a listing will do.
struct PointFacts {
  bool complete = false;
  Coverage covers = {};
  std::optional<ObjectName> dump = std::nullopt;
  bool dump_is_good = false;
  bool dump_is_suspect = false;
  bool rebuilt = false;  ///< by rebuild-manifest: nothing that was damaged then is claimed any more
  bool accepts_changes = false;
  RecordingRun recorded_by = {};             ///< but for when it started
  std::optional<std::uint64_t> assets = {};  ///< in the dump
  /// Of an audit: the originals that a restore brings, and those that the library has other bytes
  /// of.
  std::optional<std::uint64_t> protected_originals = {};
  std::uint64_t differing = 0;
};

/// The same, of a restore point at hand.
PointFacts facts_of(const RestorePoint& point);
/// What is to stand in the metadata of its object.
Metadata metadata_of(const RestorePoint& point);

/// What a listing of manifest* tells.
struct ManifestListing {
  struct Entry {
    ObjectName name;
    Timestamp time{};
    std::vector<std::string> parents;
    /// Of the commit that a manifest is; absent in version 3, and where its metadata was lost.
    std::optional<std::uint64_t> generation = std::nullopt;
    /// The full manifest that a delta lies on; empty of a full one, and where its metadata was
    /// lost.
    std::string base = {};
    std::string sha256;      ///< of a manifest, in hexadecimal; empty where its metadata was lost
    std::uint64_t size = 0;  ///< as stored
    std::optional<StorageClass> storage_class = std::nullopt;
    /// Of a restore point; absent where its metadata was lost, and in version 3.
    std::optional<PointFacts> facts = std::nullopt;
    bool is_version_3 = false;  ///< of a restore point
  };
  std::vector<Entry> manifests;       ///< manifest-*.db, oldest first
  std::vector<Entry> restore_points;  ///< manifest-*.json, oldest first
  /// manifest.db; false where a manifest is ignored, of which it may be the copy
  bool has_current_manifest = false;
  /// manifest.store.json; absent in a place that was not begun as a store
  std::optional<ObjectInfo> marker = std::nullopt;
  PerClass<StoredAmount> stored;  ///< all of manifest*, by class
  Timestamp store_time{};         ///< the store's clock
  /// When the run began that manifest.db is of; absent where there is none, or nothing tells.
  std::optional<Timestamp> current_manifest_started = std::nullopt;
  /// Whether manifest.json is of the newest restore point: then this credential may replace it.
  bool current_is_newest = false;
  std::uint64_t current_manifest_generation = 0;
  std::uint64_t current_restore_point_generation = 0;

  /// The manifests that no other one names as its parent: one, or several after runs that did not
  /// know of each other. Of those before a parent that is gone (pruned), that one's child knows.
  std::vector<Entry> heads() const;
  /// Later than every name there is, and not before the store's clock.
  Timestamp next_time() const;
};

/// Whether a time in a name is later than the store's clock allows: a machine's clock was ahead, or
/// somebody made it up.
bool is_dated_ahead(Timestamp time, Timestamp store_time);

/// Lists them. invalid if one is dated beyond the store's clock, says that it builds on one that is
/// not before it, or has not the generation that follows from what it builds on, and is not among
/// the ignored: it could hide all that come after it.
Result<ManifestListing> list_manifests(const RepositoryContext& repository);

}  // namespace ib
