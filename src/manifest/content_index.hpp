// SPDX-License-Identifier: Apache-2.0
//
// What the rows of a manifest rely on, by content: the answer to "is that in the store already?"
// without an index on the rows themselves. Rows that only say anew where a content lies, as those
// of a library that was moved, cost it nothing.
#pragma once

#include "base/result.hpp"
#include "core/records/file_record.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;

namespace ib {

/// An object that rows rely on, found by its content.
struct HeldObject {
  ObjectName name;
  Content content;
  std::optional<StorageClass> storage_class = std::nullopt;
  /// A path that had it has left the library, or is planned to be archived, and no new path has
  /// taken its place yet.
  bool leaving = false;
};

/// A database of its own, attached to the manifest's connection. It is as good as the rows were
/// when it was built, and knows what was added since. Manifest::contents() makes it. One thread at
/// a time.
///
/// At first it has a Bloom filter of all digests alone, of 1 to 8 MiB: most files that are new
/// have new content, and are told apart by that. The rest is gathered from the rows when a content
/// may be known.
class ContentIndex {
public:
  /// Whether a RunPlan is attached, whose rows to archive count as leaving.
  enum class Plan : std::uint8_t { absent, present };
  /// In a new file, outside of a transaction. `db` must outlive it.
  static Result<ContentIndex> build(sqlite3* db, const std::string& file, Plan plan);
  ContentIndex(ContentIndex&& other) noexcept;
  ContentIndex& operator=(ContentIndex&&) = delete;
  /// Detaches and removes the file.
  ~ContentIndex();

  /// An object that rows, past or present, rely on for this content: one that the library has, if
  /// there is one.
  Result<std::optional<HeldObject>> find(const Sha256& sha256);
  /// Whether a row, past or present, names the object of `record`.
  Result<bool> is_claimed(const FileRecord& record);
  /// What the tables call the content of `record`, which none of its path's own rows has.
  Result<std::optional<std::int64_t>> number_of(const FileRecord& record);
  /// Whether the object that `path` would have by itself (library/...) is, or was, the path's, or
  /// that of a file which a killed run had stored there before it moved. Unclaimed objects are not
  /// checked.
  Result<bool> is_own_name_taken(std::string_view path);

  /// Says that this content was met under a new path: planned archives that have it did not vanish,
  /// they moved, and a path that had it no longer counts as leaving.
  Result<> found_again(const Sha256& sha256);
  /// How many planned archives have a content that was met under a new path.
  std::uint64_t archives_found_again() const;

  /// A row that was written, and what the tables call its content.
  Result<> add(const FileRecord& record, std::int64_t number);

private:
  struct State;
  explicit ContentIndex(std::unique_ptr<State> state);
  Result<std::optional<std::int64_t>> find_number(const FileRecord& record);
  std::unique_ptr<State> state_;  // null once moved from
};

}  // namespace ib
