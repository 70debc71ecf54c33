// SPDX-License-Identifier: Apache-2.0
//
// What the rows of a manifest rely on, by content: the answer to "is that in the store already?"
// without an index on the rows themselves. Rows that only say anew where a content lies, as those
// of a library that was moved, cost it nothing. Private to this module.
#pragma once

#include "base/result.hpp"
#include "core/records/file_record.hpp"
#include "manifest/manifest.hpp"
#include "manifest/sqlite.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ib {

/// A database of its own, attached to the manifest's connection as `contents`, which must outlive
/// it. It is as good as the rows were when it was built, and knows what was added since. One thread
/// at a time.
///
/// At first it has the beginnings of all digests alone: most files that are new have new content,
/// and are told apart by these. The rest is gathered from the rows when a content may be known.
class ContentIndex {
public:
  /// Whether a plan is attached (Manifest::begin_plan), of whose rows to archive it shall know.
  enum class Plan : std::uint8_t { is_none, is_there };
  /// In a new file, outside of a transaction.
  static Result<ContentIndex> build(sqlite3* db, const std::string& file, Plan plan);
  ContentIndex(ContentIndex&& other) noexcept;
  ContentIndex& operator=(ContentIndex&&) = delete;
  /// Detaches and removes the file.
  ~ContentIndex();

  Result<std::optional<HeldObject>> find(const Sha256& sha256);
  Result<bool> holds(const Sha256& sha256, const ObjectName& name);
  /// Whether a row of another path relies on the object `name`, of those that were there when it
  /// was built.
  Result<bool> is_name_lent(const ObjectName& name);
  /// A row that was written.
  Result<> add(const FileRecord& record);
  /// A new path has this content, in the place of one that is leaving if there is one. How many
  /// planned rows had it that were not found again yet.
  Result<std::uint64_t> found_again(const Sha256& sha256);

private:
  ContentIndex(sqlite3* db, std::string file, Plan plan)
      : db_(db), file_(std::move(file)), plan_(plan)
  {}
  /// False: no row relies on this content. True once all is gathered.
  Result<bool> may_hold(const Sha256& sha256);
  /// Gathers what all rows rely on, once it is known that one of them will be asked for.
  Result<> gather();
  Result<Statement*> cached(std::optional<Statement>& slot, std::string_view sql);

  sqlite3* db_;  // null once moved from
  std::string file_;
  Plan plan_;
  bool is_gathered_ = false;
  std::optional<Statement> begins_, begin_, find_, holds_, lent_, add_, count_, found_, replaced_;
};

}  // namespace ib
