// SPDX-License-Identifier: Apache-2.0
//
// What is stored, and since when. A manifest is one SQLite file; the program works on a private
// copy of it, of which this is the rows. What a run plans (run_plan.hpp), what copies exchange
// (exchange.hpp) and sums over all rows (totals.hpp) lie beside it.
#pragma once

#include "base/result.hpp"
#include "core/pricing/storage_class.hpp"
#include "core/records/file_record.hpp"
#include "core/records/path_history.hpp"
#include "core/records/recording_run.hpp"
#include "manifest/content_index.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

inline constexpr std::string_view kManifestVersion = "5.0";

/// An object that the manifest relies on, and what it must hold.
struct StoredContent {
  ObjectName name;
  Content content;
  std::string path;  ///< one path that has it
  std::optional<StorageClass> storage_class = std::nullopt;
  /// Of the object, which differ from the content's where it is encrypted.
  std::uint64_t object_size = 0;
  std::optional<Crc32c> object_crc32c = std::nullopt;  ///< absent where it is not known
};

class StoredContentCursor {
public:
  virtual ~StoredContentCursor() = default;
  virtual Result<std::optional<StoredContent>> next() = 0;
};

struct WorkingCopy;

/// A working copy of the manifest in a file of its own. Changes are grouped: they are lost, all
/// together, if the process dies before commit(). One thread at a time; cursors must not outlive
/// the manifest.
class Manifest {
public:
  /// Few rows waste less of small pages, and many of large ones.
  enum class PageSize : std::uint8_t { for_many_rows, for_few_rows };
  /// A new, empty one at `file`, which must not exist.
  static Result<Manifest> create(const std::string& file, PageSize pages = PageSize::for_many_rows);
  /// What is known of a file before it is opened: nothing, or that its SHA-256 is the one recorded
  /// when it was packed. pack() reads what it has made from end to end before anybody computes a
  /// digest, so those bytes need no second check, whose time grows with them.
  enum class Known : std::uint8_t { nothing, is_as_packed };
  /// The one at `file`. corrupt if SQLite finds it damaged or it is no manifest; invalid if another
  /// version of this program has to read it. One of version 3.0 becomes one of this version, and
  /// that does not count as a change. `name` is what messages call it.
  static Result<Manifest> open(const std::string& file, std::string_view name,
                               Known known = Known::nothing);

  Manifest(Manifest&&) noexcept;
  Manifest& operator=(Manifest&&) noexcept;
  ~Manifest();

  /// All rows, archived ones too, in path order. Nothing may be written while it is read.
  Result<std::unique_ptr<RecordCursor>> records() const;
  /// The row of a path.
  Result<std::optional<FileRecord>> find(std::string_view path) const;
  /// A row, past or present, with content of this SHA-1: best one whose file is in the library. Its
  /// first call makes an index, with no cursor of this manifest open.
  Result<std::optional<FileRecord>> find_sha1(const Sha1& sha1);

  /// To whom the encrypted objects are encrypted; empty where none is. A set whose keys the
  /// manifest has lost has none.
  Result<std::vector<RecipientSet>> recipients() const;
  /// Every path that ever was, with its whole life.
  Result<std::unique_ptr<PathStatesCursor>> histories() const;
  /// The life of one path; empty if it never was.
  Result<std::vector<PathState>> history(std::string_view path) const;
  /// Of each path that ever had this content, the states with it. Quick after index_checksums().
  Result<std::unique_ptr<PathStatesCursor>> states_with(const Sha256& sha256) const;
  Result<std::unique_ptr<PathStatesCursor>> states_with(const Sha1& sha1) const;
  /// Makes states_with() quick. Not part of the packed manifest.
  Result<> index_checksums();
  /// Each object that any row, past or present, relies on, once, in the byte order of its name.
  Result<std::unique_ptr<StoredContentCursor>> stored_contents() const;

  /// What the rows rely on, by content. The first call makes the index, which takes a pass over the
  /// rows; the plan of the run, if there is to be one, is complete by then. It knows of rows that
  /// are recorded later. It is gone after merge(), forget_object() and pack(). No part of the
  /// packed manifest.
  Result<ContentIndex*> contents();

  /// Says which run writes from now on; its generation is a guess until commit_run(). Nothing can
  /// be recorded before. corrupt where the runs before have numbers that this program gives none.
  Result<> begin_run(const RecordingRun& run);
  /// Says that the run's commit follows, of this generation: this manifest has all that it
  /// recorded.
  Result<> commit_run(std::uint64_t generation);
  /// The run whose commit this manifest is, as it was opened; of one of version 3.0, its generation
  /// alone. Generation 0 where none was committed yet.
  Result<RecordingRun> committed_by() const;

  /// Writes the new state of a path. The state before, if it differs in content, place or being
  /// archived, becomes history; a state that the same run recorded is replaced.
  Result<> record(const FileRecord& record);
  /// The same row with another mtime.
  Result<> update_mtime(std::string_view path, std::int64_t mtime_ns, bool recheck);
  /// Keeps content that a path had at `since` for reference only; restores ignore it. It is an
  /// interval without length in the path's history. The path's row, if there is one, stays as it
  /// is.
  Result<> record_aside(const FileRecord& aside);
  /// The same; the row is marked as suspect, with the file's mtime.
  Result<> record_unwanted(const FileRecord& unwanted);
  /// Drops every row, past or present, that relies on an object which the store does not hold: the
  /// next run then backs the path up again instead of calling it unchanged. Their number.
  Result<std::uint64_t> forget_object(const ObjectName& name);

  /// Ends the group of changes.
  Result<> commit();
  /// Where the working copy lies, for reading it over another connection after commit().
  const std::string& file() const;
  /// Whether a row was written since the manifest was opened.
  bool changed() const;
  /// Grows with each change of rows. Equal: no row was written in between.
  std::uint64_t revision() const;
  /// Makes changed() true, so that a manifest is committed although no row differs: to stand in for
  /// a damaged one.
  void write_anew();

  Result<std::optional<std::string>> metadata(std::string_view key) const;
  /// Does not count as a changed row.
  Result<> set_metadata(std::string_view key, std::string_view value);

  /// For the other files of this module.
  WorkingCopy& working_copy() const { return *copy_; }
  /// The same: what the tables call the content of `record`, which is one of its own rows or is to
  /// be one; it is written down if it is not known yet.
  Result<std::int64_t> number_of(const FileRecord& record);
  Result<> note_encrypted(std::int64_t content, const EncryptedObject& object);

private:
  Result<std::optional<std::int64_t>> known_number(const FileRecord& record);
  explicit Manifest(std::unique_ptr<WorkingCopy> copy);
  std::unique_ptr<WorkingCopy> copy_;
};

}  // namespace ib
