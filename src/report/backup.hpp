// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/planning/plan.hpp"
#include "core/pricing/usage.hpp"
#include "core/records/audit.hpp"
#include "core/records/restore_point.hpp"
#include "core/selection/shard.hpp"
#include "report/header.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// What a run costs in US dollars. Absent from a report where the store charges nothing.
struct CostSummary {
  double once = 0;     ///< the run itself: counted, or with a dry run foreseen
  double monthly = 0;  ///< all that is stored afterwards, for a month
  /// What the class `auto` would save on the files to be stored, as long as they are kept.
  double auto_saves = 0;
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
  /// New paths whose content the store held already, under a path that is gone now.
  std::uint64_t moved = 0;
  std::uint64_t copied = 0;    ///< the same, while the other path is still there
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
  bool complete = false;                   ///< what is_complete() says of it
  std::optional<Seeding> seeding;          ///< present where files are still to be read
};

Outcome outcome_of(const BackupReport& report);
/// Lines that end in a newline.
std::string to_text(const BackupReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const BackupReport& report);

}  // namespace ib
