// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/digest.hpp"
#include "base/time.hpp"
#include "core/names/extra_root.hpp"
#include "core/names/object_name.hpp"
#include "core/pricing/usage.hpp"
#include "core/records/audit.hpp"
#include "core/records/file_record.hpp"
#include "core/records/problem.hpp"
#include "core/records/recording_run.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// A database dump in the store.
struct DumpInfo {
  ObjectName object;
  std::uint64_t bytes = 0;  ///< compressed
  Sha256 sha256;            ///< of the same
  /// Of the object, where it is the age file of that.
  std::optional<std::uint64_t> encrypted_bytes = std::nullopt;
  std::uint64_t plain_bytes = 0;
  std::string immich_version;  ///< "v2.3.1", or "unknown"
  std::string schema_level;    ///< the newest migration, empty where unknown
  std::uint64_t assets = 0;
  /// It has under half of the assets of the last good one: kept, and not counted as one of those to
  /// keep.
  bool suspect = false;
  /// Tables whose rows are not in it ("public.face_search"): the server could not read them, or is
  /// a standby that has none of them.
  std::vector<std::string> left_out = {};
  std::string encoding = {};  ///< of its text: "UTF8"; empty where it is not known
  /// What was set on the database itself, which is not in a dump: "search_path=public".
  std::vector<std::string> settings = {};
  /// Roles beside the owner that might use its tables, which is not in a dump either.
  std::vector<std::string> granted = {};

  bool is_good() const { return !suspect && left_out.empty(); }
  std::uint64_t object_bytes() const { return encrypted_bytes.value_or(bytes); }
};

/// The full manifest that another one is a delta on.
struct ManifestBase {
  ObjectName object;
  Sha256 sha256;  ///< of the plain SQLite file
};

/// The manifest database that a restore point rests on: an earlier run's where no row changed.
struct ManifestInfo {
  ObjectName object;
  std::uint64_t bytes = 0;
  Sha256 sha256;                                    ///< of the plain SQLite file
  std::optional<ManifestBase> base = std::nullopt;  ///< absent of a full one
};

/// A checkpoint that a restore point rests on besides: of a run that had no time to commit a
/// manifest.
struct CheckpointInfo {
  ObjectName object;
  std::string
      sha256;  ///< of the plain SQLite file, in hexadecimal; empty where its metadata was lost
};

struct FileCounts {
  std::uint64_t files = 0;  ///< in the library as it was
  std::uint64_t bytes = 0;
  std::uint64_t archived = 0;  ///< gone from the library, kept in the store
  std::uint64_t archived_bytes = 0;
  std::uint64_t versions = 0;  ///< earlier contents of paths, kept in the store
  /// Paths at which a restore puts what Immich's database names there, and not what the library
  /// has.
  std::uint64_t placed = 0;
  bool operator==(const FileCounts&) const = default;
};

/// The part of the library that was last read again although it looked unchanged.
struct RehashRound {
  std::uint32_t share = 0;  ///< one of so many parts,
  std::uint32_t part = 0;   ///< this one, counted from 0
};

/// How far a run came that did not get to everything it had to read.
struct Seeding {
  std::uint64_t files_left = 0;
  std::uint64_t bytes_left = 0;
  std::uint64_t bytes = 0;          ///< of the library, as it was scanned
  std::uint64_t bytes_per_day = 0;  ///< as fast as this run went; 0: not known

  unsigned percent() const;
  /// Rounded up; absent where it is not known.
  std::optional<std::uint64_t> days_left() const;
};

/// What a run was asked to save.
struct Coverage {
  bool files = false;
  bool database = false;
  bool part = false;  ///< of the files: one of --shards, or those until the run was interrupted
  friend bool operator==(const Coverage&, const Coverage&) = default;
};

/// Files that are in the backup as being in the library, and that no run looks at any more.
struct NotCovered {
  std::uint64_t files = 0;
  Timestamp since;  ///< the first run that did not look at all of them
};

/// What a run leaves behind: the state that a restore can go back to, and how complete it is. It is
/// the content of manifest-<time>.json (docs/formats/restore-point.md).
struct RestorePoint {
  Timestamp time{};
  Timestamp started{};
  std::string run;
  std::string program_version;
  std::string store;  ///< the id of its store's marker; empty before there were markers
  Coverage covers = {};
  /// Of the newest run whose states the point may bring: what its manifest, or its last checkpoint,
  /// was recorded by.
  RecordingRun recorded_by = {};
  FileCounts counts;
  /// Of the manifest that the run itself has committed: those that it was made of. Absent where it
  /// committed none, and in version 3.
  std::optional<std::vector<std::string>> parents = std::nullopt;
  std::optional<ManifestInfo> manifest;  ///< absent only before the first manifest was committed
  std::vector<CheckpointInfo>
      checkpoints;  ///< merged into that manifest, in this order, they are its files
  std::optional<DumpInfo> database;  ///< absent where the run took none
  std::optional<Audit> audit;        ///< absent where none could be made
  /// Whether a restore of this point brings what the manifest has placed, and the name of the dump
  /// that it was placed for: an earlier one, perhaps, that named the same. Absent without an audit.
  std::optional<std::string> placed_for;
  /// Where Immich's server sees them: its database names files by these folders.
  std::vector<ExtraRoot> extra_roots;
  /// Where it may see the media root: of a database that does not record it, the library's folder.
  std::vector<std::string> media_roots = {};
  std::uint64_t missed =
      0;  ///< files that the run found and could not store, or could not look for
  bool accepts_changes = false;  ///< --accept-changes: whatever vanished or changed was meant to
  /// When `verify` last held a listing of the store against the manifest; of a run with an audit,
  /// and absent where it never did.
  std::optional<Timestamp> store_listed;
  std::optional<std::string>
      location;                ///< where the bucket lies, "EUROPE-WEST3"; buckets never move
  std::optional<double> cost;  ///< of the run until here, in US dollars; absent for a folder
  std::optional<double> monthly_cost;  ///< of all that is stored
  /// What the manifest's rows rely on: originals, archived and versions, with unknown classes as
  /// what the backup takes them for. Absent for a folder, or where it was not summed up.
  std::optional<StoredTotals> stored;
  /// To whom the objects of the manifest are encrypted; empty where none is.
  std::vector<RecipientSet> recipients = {};
  std::optional<Seeding> seeding;  ///< present where files are still to be read
  std::optional<NotCovered> not_covered = std::nullopt;  ///< present where there are such files
  std::optional<RehashRound> rehash;                     ///< absent as long as no run was asked to
  /// When the last scan began after which every file was read that it had found changed:
  /// nanoseconds since 1970, by the clock that stamps the files of the machine that scanned. Absent
  /// before the first such scan.
  std::optional<std::int64_t> looked_at_ns = std::nullopt;
  /// The assets in the last dump that was not suspect, of this run or one before.
  std::optional<std::uint64_t> good_assets;
  bool rebuilt = false;        ///< made by rebuild-manifest
  bool may_not_prune = false;  ///< old dumps were to be removed, and the credential may not
  std::uint64_t problem_count = 0;
  std::vector<Problem> problems;  ///< in the document, the first hundred

  /// Whether a restore brings back all that the run was asked to save. Of a database: its dump is
  /// good. Of a library and its database: every original that the dump names is protected, but for
  /// those that the owner has accepted or excluded. Of a library alone: every file that was found
  /// is stored. Stray files, sidecars and avatars do not count.
  bool is_complete() const;
};

}  // namespace ib
