// SPDX-License-Identifier: Apache-2.0
//
// The working copy behind a Manifest, which the files of this module share. Private to this module.
#pragma once

#include "manifest/content_index.hpp"
#include "manifest/sqlite.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

struct WorkingCopy {
  std::string file;
  Database db;
  StatementCache statements = {};
  std::optional<Transaction> group = std::nullopt;  // changes that are not committed yet
  std::uint64_t revision = 0;                       // more after each change of rows
  std::optional<ContentIndex> contents = std::nullopt;
  bool checksums_indexed = false;
  bool sha1_indexed = false;
  bool has_plan = false;
  bool tracks_changes = false;
  bool is_rewritten = false;    // only a full one will do, whatever was written
  std::int64_t run_number = 0;  // of the run that writes; 0: none has begun

  Result<StatementCache::Use> use(std::string_view sql) { return statements.use(db.get(), sql); }
  Result<Statement> prepare(std::string_view sql) const
  {
    return Statement::prepare(db.get(), sql);
  }
  /// Begins a group of changes, unless one was begun.
  Result<> begin_group();
  Result<> commit();
  /// Notes from now on which rows are written. Nothing if it does already.
  Result<> track_changes();
  /// To be called when rows were dropped on purpose, so that nobody misses them.
  Result<> note_dropped();
};

}  // namespace ib
