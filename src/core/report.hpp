// SPDX-License-Identifier: Apache-2.0
//
// What each command found and did: values that are rendered as text or JSON (module report) and
// decide the exit status.
#pragma once

#include "core/planning/plan.hpp"
#include "core/pricing/cost.hpp"
#include "core/pricing/usage.hpp"
#include "core/records/albums.hpp"
#include "core/records/audit.hpp"
#include "core/records/difference.hpp"
#include "core/records/problem.hpp"
#include "core/records/restore_point.hpp"
#include "core/selection/shard.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ib {

/// What all reports begin with.
struct ReportHeader {
  std::string command;
  std::string store;
  std::chrono::milliseconds elapsed{};
  std::vector<Problem> problems;   ///< each makes the result something less than ok
  std::vector<std::string> notes;  ///< worth knowing, but nothing is missing for it
};

/// What a run costs in US dollars. Absent from a report where the store charges nothing.
struct CostSummary {
  double once = 0;     ///< the run itself: counted, or with a dry run foreseen
  double monthly = 0;  ///< all that is stored afterwards, for a month
  double auto_saves =
      0;  ///< what the class `auto` would save on the files to be stored, as long as kept
  std::string location;  ///< whose prices these are
  std::string date;      ///< when they were looked up
};

struct BackupReport {
  ReportHeader header;
  bool dry_run = false;
  bool files_covered = true;   ///< false with --no-files
  std::optional<Shard> shard;  ///< the part of the library that was looked at; absent: all of it
  PlanCounts plan;             ///< what the scan found
  std::uint64_t added = 0;     ///< new paths with new content
  std::uint64_t changed = 0;   ///< known paths with other content
  std::uint64_t touched = 0;   ///< known paths whose time alone differs
  std::uint64_t moved =
      0;  ///< new paths whose content the store held already, under a path now gone
  std::uint64_t copied = 0;    ///< the same, the other path still being there
  std::uint64_t returned = 0;  ///< archived paths that are back
  std::uint64_t archived = 0;  ///< paths that are gone from the library
  std::uint64_t failed = 0;
  std::uint64_t rehashed = 0;  ///< read again although they looked unchanged
  std::uint64_t suspect = 0;   ///< hold other bytes than they should: the stored ones stay theirs
  std::uint64_t added_bytes = 0;
  std::uint64_t uploaded_objects = 0;
  std::uint64_t uploaded_bytes = 0;
  std::uint64_t found_stored = 0;     ///< sent by an earlier run that was interrupted
  std::vector<std::string> left_out;  ///< "thumbs/ (Immich makes them again)"
  Usage usage;  ///< counted, or with a dry run foreseen: as if every file to be read were new
  std::optional<CostSummary> cost;
  std::optional<DumpInfo> database;
  std::optional<Audit> audit;                    ///< absent where none could be made
  std::optional<Timestamp> store_listed;         ///< as in RestorePoint
  std::optional<std::uint64_t> previous_assets;  ///< in the dump of the restore point before
  std::optional<ManifestInfo> manifest;
  bool manifest_written = false;
  FileCounts totals;
  std::optional<Timestamp> restore_point;  ///< absent where none could be written
  std::optional<Seeding> seeding;          ///< present where files are still to be read

  bool complete() const { return header.problems.empty(); }
};

struct VerifyReport {
  ReportHeader header;
  std::optional<Timestamp> restore_point;
  std::uint64_t objects = 0;  ///< that the manifest names
  std::uint64_t object_bytes = 0;
  std::uint64_t present =
      0;  ///< listed with the recorded size (and CRC32C where the store tells it)
  bool listing_has_checksums = false;
  std::uint64_t read_back = 0;  ///< read and compared byte for byte by their digests
  std::uint64_t read_back_bytes = 0;
  std::uint64_t damaged = 0;  ///< missing or not what was recorded
  std::uint64_t unknown_objects =
      0;  ///< in the store, but in no manifest: an unfinished run's, or a stranger's
  bool dump_checked = false;   ///< its bytes were read, to the trailer
  std::optional<Shard> shard;  ///< of which objects were read back; absent: of all
  bool budget_spent = false;   ///< --budget ended the reading before the last object
  Usage usage;
  std::optional<double> cost;  ///< dollars; absent where the store charges nothing
};

struct RestoreReport {
  ReportHeader header;
  Timestamp restore_point{};
  bool dry_run = false;
  std::string target;
  std::uint64_t selected = 0;
  std::uint64_t selected_bytes = 0;
  std::uint64_t restored = 0;
  std::uint64_t restored_bytes = 0;
  std::uint64_t kept = 0;     ///< were there and were left alone
  std::uint64_t whole = 0;    ///< were there with the right content
  std::uint64_t damaged = 0;  ///< the store's bytes were not what was recorded: not written
  std::optional<std::uint64_t> assets;  ///< that were chosen, where they were chosen from the dump
  /// With a dry run, how fast the bytes are thought to come, and how long they take then.
  std::uint64_t bytes_per_second = 0;
  std::chrono::seconds duration{};
  bool rate_is_limited = false;  ///< the rate is --bwlimit's, and no more than a guess otherwise
  std::optional<std::string> album_json;  ///< the file that says what the albums held
  Usage usage;                            ///< with a dry run, what would be asked for
  std::optional<double> cost;             ///< dollars; absent where the store charges nothing
};

struct AlbumsReport {
  ReportHeader header;
  Timestamp restore_point{};
  std::vector<AlbumSummary> albums;
};

struct DatabaseRestoreReport {
  ReportHeader header;
  DumpInfo dump;
  std::optional<Timestamp> restore_point;
  std::string database;  ///< where it went, for a person
  std::uint64_t assets = 0;
  bool created = false;      ///< there was no such database
  bool replaced = false;     ///< what a new Immich had made is gone
  bool counted = false;      ///< whether the rows were counted afterwards
  std::uint64_t tables = 0;  ///< with data in the dump
  std::uint64_t rows = 0;    ///< of all of them, in the dump
};

/// What `verify-restore` proved of a restore point.
struct DrillReport {
  ReportHeader header;
  Timestamp restore_point{};
  std::optional<DumpInfo> dump;  ///< absent where the restore point has none
  bool dump_read = false;  ///< its bytes are those that were stored, and whole to its last line
  bool restored = false;   ///< into a PostgreSQL, in which its rows were counted
  std::string server;      ///< that it was restored on
  std::uint64_t tables = 0, rows = 0;
  std::vector<std::string>
      left_out;                 ///< what that server could not take: "table public.smart_search"
  std::uint64_t originals = 0;  ///< that the restored database names
  std::uint64_t protected_originals = 0;  ///< of those, stored as Immich recorded them
  std::uint64_t files = 0;                ///< of the restore point
  std::uint64_t due = 0;                  ///< of those, to be read back this time
  std::uint64_t read_back = 0, read_back_bytes = 0;
  std::uint64_t weeks = 0;  ///< within which each file is read back once, at this rate
  /// Each file of the library as of then has been read back since; absent: not each ever was.
  std::optional<Timestamp> proven_since;
  std::uint64_t damaged = 0;
  Usage usage;
  std::optional<double> cost;  ///< dollars; absent where the store charges nothing
};

/// What `heal` found of each file that was named, and did.
struct HealReport {
  ReportHeader header;
  bool dry_run = false;
  enum class State : std::uint8_t { whole, missing, different };
  struct File {
    std::string path;
    State state = State::whole;
    bool healed = false;
  };
  std::vector<File> files;  ///< but for those that are problems
  std::uint64_t healed = 0;
  std::uint64_t damaged =
      0;  ///< objects that were not what was recorded: nothing was written of them
  Usage usage;
  std::optional<double> cost;  ///< dollars; absent where the store charges nothing
};

/// What `prune` removes, or would.
struct PruneReport {
  ReportHeader header;
  bool dry_run = false;
  struct Kept {
    Timestamp time{};
    bool complete = false;
    std::string reasons;  ///< "last, monthly"
  };
  std::vector<Kept> kept;                    ///< restore points, oldest first
  std::vector<Timestamp> restore_points;     ///< that go
  StoredAmount documents, dumps, manifests;  ///< that go: restore points, dumps, manifest-*.db
  StoredAmount runs, proofs;
  std::uint64_t removed = 0;            ///< objects that are gone now
  PerClass<StoredAmount> freed;         ///< all of it, by class
  std::optional<double> saves_monthly;  ///< dollars; absent where the store charges nothing
  std::optional<double> early;          ///< dollars: what is billed since it goes before its time
  Usage usage;

  std::uint64_t objects() const
  {
    return documents.objects + dumps.objects + manifests.objects + runs.objects + proofs.objects;
  }
};

struct StatusReport {
  ReportHeader header;
  Timestamp now{};
  std::optional<RestorePoint> newest;
  std::optional<RestorePoint> newest_complete;
  std::uint64_t restore_points = 0;
  std::optional<Timestamp> last_verified;
  bool last_verified_ok = false;          ///< and nothing that was found earlier is left
  std::optional<Timestamp> damage_found;  ///< when what is left was found
  std::optional<Timestamp> proven_since;  ///< as in DrillReport
  std::vector<std::string> unfinished_runs;
};

struct SnapshotsReport {
  ReportHeader header;
  std::vector<RestorePoint> restore_points;  ///< oldest first
  std::set<Timestamp> without_their_dump;    ///< whose dump retention has removed
};

/// What was found was shown as it was found.
struct FindReport {
  ReportHeader header;
  std::uint64_t found = 0;        ///< paths
  std::uint64_t files = 0;        ///< files of this machine whose content was looked for
  std::uint64_t files_found = 0;  ///< those of them that are in the backup
};

struct DiffReport {
  ReportHeader header;
  Timestamp from{}, to{};
  DifferenceTotals totals;
};

/// What a backup costs: all in US dollars, all zero for a folder.
struct CostReport {
  ReportHeader header;
  StoredTotals stored;
  Prices prices;
  Timestamp now{};
  std::optional<double>
      growth_per_day;  ///< bytes, over the restore points; absent where they are too few
  std::optional<Timestamp> growth_since;
  double monthly_at_year_end = 0;
  Usage restore;  ///< reading every file of the library and its dump once
  Usage usage;
};

/// What `recovery-kit` puts on paper.
struct RecoveryKitReport {
  ReportHeader header;
  Timestamp now{};
  std::string program_version;
  RestorePoint restore_point;  ///< the newest complete one, or the newest
  std::optional<Timestamp> last_verified;
  bool last_verified_ok = false;
  std::string bucket;  ///< as GCS_BUCKET names it, "photos/home"; empty for a folder
  Usage restore;       ///< reading every file of the library and its dump once
  Prices prices;       ///< all zero for a folder
};

struct RebuildReport {
  ReportHeader header;
  std::optional<ObjectName> based_on;  ///< the newest manifest that could be read
  std::uint64_t objects = 0;           ///< that hold files, in the store
  std::uint64_t read_back = 0;
  std::uint64_t added = 0;    ///< contents that no readable manifest knew
  std::uint64_t dropped = 0;  ///< rows whose object is missing or damaged
  FileCounts totals;
  std::optional<ManifestInfo> manifest;
  std::optional<Timestamp> restore_point;
};

/// What a check of `doctor` came to. unknown: it could not be found out, or the setting that it
/// needs is not there.
enum class Verdict : std::uint8_t { ok, warning, problem, unknown };

/// One thing that `doctor` looked at. Area and name are stable words (docs/formats/report-json.md).
struct Check {
  std::string area;
  std::string name;  ///< each once
  Verdict verdict = Verdict::unknown;
  std::string message;
  std::string fix =
      {};  ///< the command or the setting that mends it; empty where nothing is to be mended
};

struct DoctorReport {
  ReportHeader header;  ///< its problems are the checks with that verdict
  std::vector<Check> checks;
  Usage usage;
};

}  // namespace ib
