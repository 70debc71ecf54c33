// SPDX-License-Identifier: Apache-2.0
//
// What a run is about to do, spooled beside the working copy of the manifest and never packed.
#pragma once

#include "base/result.hpp"
#include "core/planning/plan.hpp"
#include "core/records/file_record.hpp"
#include "manifest/manifest.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace ib {

class PlannedReads {
public:
  virtual ~PlannedReads() = default;
  virtual Result<std::optional<FileToRead>> next() = 0;
};

/// Files to read, rows to archive, and objects that no row claims. From its beginning on, what is
/// written into the manifest is what extract_changes() extracts. May be written while the
/// manifest's records are read. One thread at a time.
class RunPlan {
public:
  /// Once for each manifest, which must outlive it; before Manifest::contents().
  static Result<RunPlan> begin(Manifest& manifest);

  Result<> add_read(const FileToRead& file);
  Result<> add_archive(std::string_view path);
  /// Takes a file off the reads, also while these are read.
  Result<> drop_read(std::string_view path);
  /// Takes all off that are there for this reason.
  Result<> drop_reads(ReadReason reason);

  /// The files to read, in path order, with the rows as they are when each is reached: those that
  /// are new here (unknown or archived paths), or the known ones.
  enum class Reads : std::uint8_t { new_files, known_files };
  Result<std::unique_ptr<PlannedReads>> reads(Reads which) const;

  /// How many rows to archive have a content that was met nowhere else.
  Result<std::uint64_t> vanished() const;
  /// Marks the rows to archive as gone; their number.
  Result<std::uint64_t> archive();

  /// Keeps an object that no row claims, and what it says of itself.
  Result<> add_unclaimed(const FileRecord& record);
  /// One of them that holds this content.
  Result<std::optional<FileRecord>> find_unclaimed(const Sha256& sha256) const;
  /// Whether one of them has this name.
  Result<bool> is_unclaimed(const ObjectName& name) const;
  /// All of them, in the order of their names. Rows may be written meanwhile.
  Result<std::unique_ptr<RecordCursor>> unclaimed() const;

private:
  explicit RunPlan(const Manifest& manifest) : manifest_(&manifest) {}
  WorkingCopy& copy() const { return manifest_->working_copy(); }
  const Manifest* manifest_;
};

}  // namespace ib
