// SPDX-License-Identifier: Apache-2.0
//
// The decision of a backup: a merge of two streams in the same order, the library as it is and the
// manifest as it was. It holds neither in memory and looks nothing up, so a million unchanged files
// cost a walk.
#pragma once

#include "base/result.hpp"
#include "core/planning/scan_item.hpp"
#include "core/records/file_record.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace ib {

/// Why a file has to be read. What became of it (new, changed, touched, moved) is known only then.
enum class ReadReason : std::uint8_t {
  unknown_path,  ///< the manifest has no row for it
  returned,      ///< it was archived and is back
  size_differs,
  mtime_differs,
  recheck,  ///< its mtime could not be trusted last time, or is none that can be kept
  rehash,   ///< it looks unchanged, but is read to be sure
  suspect,  ///< it looks unchanged, but held other bytes last time
  /// Size and mtime are as recorded, but something about the file has changed since the last run:
  /// its mode, say, or another file was renamed over it.
  ctime_differs,
  doubted,  ///< it looks unchanged, but Immich recorded another checksum
};

struct FileToRead {
  SourceFile file;
  ReadReason reason = ReadReason::unknown_path;
  std::optional<FileRecord> known;  ///< the manifest's row, where there is one
};

struct PlanCounts {
  std::uint64_t scanned = 0;
  std::uint64_t scanned_bytes = 0;
  std::uint64_t to_read = 0;
  std::uint64_t to_read_bytes = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t gone = 0;
  std::uint64_t known = 0;          ///< files in scope that the manifest has as being there
  std::uint64_t look_changed = 0;   ///< known files whose size or time differs
  std::uint64_t ctime_differs = 0;  ///< files that are read for ReadReason::ctime_differs
  std::uint64_t ctime_differs_bytes = 0;
  std::uint64_t missing_but_kept = 0;  ///< absent where absence proves nothing: not archived
  /// What the manifest has as being there, and lies outside the scope: nobody has looked.
  std::uint64_t not_covered = 0;
  std::string first_not_covered;
};

/// Receives the decisions in order. An error ends the planning.
struct PlanSink {
  std::function<Result<>(FileToRead)> read;
  std::function<Result<>(FileRecord)> gone;
};

struct PlanRules {
  /// Whether a path lies in this run's scope: a row outside it is left as it is.
  std::function<bool(const std::string& path)> in_scope;
  /// Whether a file that looks unchanged is read all the same; null: none is.
  std::function<bool(const std::string& path)> rehash = nullptr;
  /// Whether a ctime tells that a file that looks unchanged may be another one; null: none does.
  std::function<bool(std::int64_t ctime_ns)> is_recent = nullptr;
};

/// Decides what a backup has to do. Pure: the same streams give the same plan. corrupt if a stream
/// is out of order, since the merge would then miss files or archive them by mistake.
Result<PlanCounts> plan_backup(ScanCursor& library, RecordCursor& manifest, const PlanRules& rules,
                               const PlanSink& sink);

}  // namespace ib
