// SPDX-License-Identifier: Apache-2.0
//
// What is stored, and since when: the only SQL in the program. A manifest is one SQLite file; the
// program works on a private copy of it and commits a packed copy to the store.
#pragma once

#include "base/result.hpp"
#include "core/planning/plan.hpp"
#include "core/pricing/usage.hpp"
#include "core/records/file_record.hpp"
#include "core/records/path_history.hpp"
#include "core/records/restore_point.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

inline constexpr std::string_view kManifestVersion = "3.0";

/// An object that the manifest relies on, and what it must hold.
struct StoredContent {
  ObjectName name;
  Content content;
  std::string path;  ///< one path that has it
  std::optional<StorageClass> storage_class = std::nullopt;
};

/// An object that rows rely on, found by its content.
struct HeldObject {
  ObjectName name;
  Content content;
  std::optional<StorageClass> storage_class = std::nullopt;
  /// A path that had it has left the library, or is planned to be marked so, and no new path has
  /// taken its place yet.
  bool leaving = false;
};

class StoredContentCursor {
public:
  virtual ~StoredContentCursor() = default;
  virtual Result<std::optional<StoredContent>> next() = 0;
};

/// A working copy of the manifest in a file of its own. Changes are grouped: they are lost, all
/// together, if the process dies before commit(). One thread at a time; cursors must not outlive
/// the manifest.
class Manifest {
public:
  /// A new, empty one at `file`, which must not exist.
  static Result<Manifest> create(const std::string& file);
  /// What is known of a file before it is opened: nothing, or that its SHA-256 is the one recorded
  /// when it was packed. pack() reads what it has made from end to end before anybody computes a
  /// digest, so those bytes need no second check, whose time grows with them.
  enum class Known : std::uint8_t { nothing, is_as_packed };
  /// The one at `file`. corrupt if SQLite finds it damaged or it is no manifest; invalid if another
  /// version of this program has to read it. `name` is what messages call it.
  static Result<Manifest> open(const std::string& file, std::string_view name,
                               Known known = Known::nothing);

  Manifest(Manifest&&) noexcept;
  Manifest& operator=(Manifest&&) noexcept;
  ~Manifest();

  /// All rows, archived ones too, in path order. Nothing may be written while it is read.
  Result<std::unique_ptr<RecordCursor>> records() const;
  /// The files as they were at `at`, in path order.
  Result<std::unique_ptr<RecordCursor>> records_at(Timestamp at) const;
  /// The one of them at a path.
  Result<std::optional<FileRecord>> find_at(std::string_view path, Timestamp at) const;
  /// Every path that ever was, with its whole life.
  Result<std::unique_ptr<PathStatesCursor>> histories() const;
  /// The life of one path; empty if it never was.
  Result<std::vector<PathState>> history(std::string_view path) const;
  /// Of each path that ever had this content, the states with it. Quick after index_checksums().
  Result<std::unique_ptr<PathStatesCursor>> states_with(const Sha256& sha256) const;
  Result<std::unique_ptr<PathStatesCursor>> states_with(const Sha1& sha1) const;
  /// Each object that any row, past or present, relies on, once, in the byte order of its name.
  Result<std::unique_ptr<StoredContentCursor>> stored_contents() const;

  Result<std::optional<FileRecord>> find(std::string_view path) const;
  /// An object that rows, past or present, rely on for this content: one that the library has, if
  /// there is one. Needs index_contents().
  Result<std::optional<HeldObject>> find_content(const Sha256& sha256);
  /// A row, past or present, with content of this SHA-1: best one whose file is in the library. Its
  /// first call makes an index, with no cursor of this manifest open.
  Result<std::optional<FileRecord>> find_sha1(const Sha1& sha1);
  /// Prepares find_content() and its like, after the plan was made, if there is to be one. Rows
  /// that are recorded later are found too; after merge(), forget_object() and pack() it has to be
  /// called again. Kept beside the working copy, and no part of the packed manifest.
  Result<> index_contents();
  /// Makes states_with() quick. Not part of the packed manifest.
  Result<> index_checksums();

  /// Writes the new state of a path. The state before, if it differs in content, place or being
  /// archived, becomes history; a state that began at the same instant is replaced.
  Result<> record(const FileRecord& record);
  /// The same row with another mtime.
  Result<> touch(std::string_view path, std::int64_t mtime_ns, bool recheck);

  /// Keeps content that a path had at `since` but that nobody wants back by itself: an interval
  /// without length in its history. The path's row, if there is one, stays as it is.
  Result<> record_aside(const FileRecord& aside);
  /// The same; the row is marked as suspect, with the file's mtime.
  Result<> record_unwanted(const FileRecord& unwanted);

  /// Whether the object that `path` would have by itself (library/...) is, or was, the path's, or
  /// that of a file which a killed run had stored there before it moved. Needs index_contents();
  /// what is unclaimed is not asked.
  Result<bool> is_own_name_taken(std::string_view path);
  /// Whether a row, past or present, names the object of `record`. Needs index_contents().
  Result<bool> is_claimed(const FileRecord& record);
  /// An object that no row claims, and what it says of itself: kept beside the plan, which there
  /// must be.
  Result<> note_unclaimed(const FileRecord& record);
  /// One of them that holds this content.
  Result<std::optional<FileRecord>> find_unclaimed(const Sha256& sha256) const;
  /// Whether one of them has this name.
  Result<bool> is_unclaimed(const ObjectName& name) const;
  /// All of them, in the order of their names. Rows may be written meanwhile.
  Result<std::unique_ptr<RecordCursor>> unclaimed() const;

  /// The plan of the run at hand, spooled beside the working copy and never packed: files to read,
  /// and rows to archive. begin_plan() comes first, once; after that it may be written while
  /// records() is read.
  Result<> begin_plan();
  Result<> plan_read(const FileToRead& file);
  Result<> plan_archive(std::string_view path);
  /// What plan_read took, in path order, with the rows as they are when it is read: files that are
  /// new here, or known ones.
  enum class Planned : std::uint8_t { new_files, known_files };
  class PlannedReads {
  public:
    virtual ~PlannedReads() = default;
    virtual Result<std::optional<FileToRead>> next() = 0;
  };
  Result<std::unique_ptr<PlannedReads>> planned_reads(Planned which) const;
  /// Says that this content was met under a new path: planned archives that have it did not vanish,
  /// they moved, and a path that had it no longer counts as leaving. Needs index_contents().
  Result<> found_again(const Sha256& sha256);
  /// How many planned archives were met nowhere.
  Result<std::uint64_t> vanished() const;
  /// Marks the planned paths as gone since `when`; their number.
  Result<std::uint64_t> archive_planned(Timestamp when);
  /// Drops every row, past or present, that relies on an object which the store does not hold: the
  /// next run then backs the path up again instead of calling it unchanged. Their number.
  Result<std::uint64_t> forget_object(const ObjectName& name);
  /// Takes over what another manifest has and this one does not: of each path the later state
  /// stays, the earlier one becomes history. For heads of runs that did not know of each other.
  Result<> merge(const std::string& other_file);

  /// Writes the rows that were written since begin_plan() or forget_changes(), with the unwanted
  /// contents among their history, into a manifest of its own at `file`, which must not exist:
  /// merged into another copy, it brings that up to date. False, and no file, where there are none.
  Result<bool> extract_changes(const std::string& file);
  /// Once what was extracted is safe. Nothing may be written in between.
  Result<> forget_changes();

  /// Ends the group of changes.
  Result<> commit();
  /// Where the working copy lies, for reading it over another connection after commit().
  const std::string& file() const;
  /// Whether a row was written since the manifest was opened.
  bool changed() const;
  /// Makes changed() true, so that a manifest is committed although no row differs: to stand in for
  /// a damaged one.
  void write_anew();

  Result<std::optional<std::string>> metadata(std::string_view key) const;
  /// Does not count as a changed row.
  Result<> set_metadata(std::string_view key, std::string_view value);
  Result<FileCounts> counts() const;
  /// The objects that rows rely on, each once. What has no known class counts as `unknown`.
  Result<StoredTotals> stored_totals(StorageClass unknown) const;

  /// Writes a compact copy to `file`, which must not exist, and checks that copy from end to end.
  Result<> pack(const std::string& file);

private:
  struct State;
  explicit Manifest(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ib
