// SPDX-License-Identifier: Apache-2.0
//
// The thinnest layer over SQLite's C interface that closes what it opens. Private to this module.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <sqlite3.h>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace ib {

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

using Database = std::unique_ptr<sqlite3, CloseDatabase>;

/// The error for the last call on `db`: "<what>: database disk image is malformed". Damage is
/// corrupt, a full disk and the like io.
Error sqlite_error(sqlite3* db, std::string_view what);

Result<Database> open_database(const std::string& file, int flags, std::string_view what);
Result<> execute(sqlite3* db, std::string_view sql, std::string_view what);

/// To be called before anything is asked of a file that a stranger may have made: no trigger and no
/// view of the file runs, no function of SQLite's with a side effect is called by it, no virtual
/// table (full text, R*Tree) is opened, and nothing in it is larger than a row of ours may be.
/// Temporary views stay.
Result<> distrust(sqlite3* db, std::string_view what);

/// Lets a connection that distrusts its file take the journal off a database of our own, which it
/// attaches meanwhile.
class JournalsMayGo {
public:
  explicit JournalsMayGo(sqlite3* db);
  ~JournalsMayGo();
  JournalsMayGo(const JournalsMayGo&) = delete;
  JournalsMayGo& operator=(const JournalsMayGo&) = delete;

private:
  sqlite3* db_;
};

/// The cache of a manifest's pages, in KiB.
inline constexpr int kCacheKiB = 16384;
/// Sets it. To be called once the file was read: SQLite counts its cache in pages, by the page size
/// that it knows when it is told.
Result<> set_cache(sqlite3* db, int kib);

/// While it lives, the manifest's cache has half its size: a statement that sorts takes as much
/// again for its sorter.
class RoomForASorter {
public:
  explicit RoomForASorter(sqlite3* db);
  ~RoomForASorter();
  RoomForASorter(const RoomForASorter&) = delete;
  RoomForASorter& operator=(const RoomForASorter&) = delete;

private:
  sqlite3* db_;
};

/// A prepared statement. bind() binds ?1, ?2, ...; column numbers start at 0. Texts and blobs that
/// a column returns are valid until the next step.
class Statement {
public:
  static Result<Statement> prepare(sqlite3* db, std::string_view sql);

  void bind(int index, std::int64_t value);
  /// As TEXT, whatever its bytes. The bytes are copied.
  void bind(int index, std::string_view text);
  void bind(int index, ByteView blob);
  void bind_null(int index);

  /// true: a row is there. Resets itself at the end or on an error.
  Result<bool> step();
  /// Runs a statement that returns no rows, and makes it ready for the next binding.
  Result<> run();
  void reset();

  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  ByteView blob(int column) const;
  bool is_null(int column) const;
  /// To be asked before the value was, these two.
  bool is_text(int column) const;
  bool is_integer(int column) const;

private:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement_;
};

/// Statements that are prepared once, found again by where their text lies. Reset it before the
/// connection is closed, or before something that no statement may have open.
class StatementCache {
public:
  /// A statement while it is in use; made ready for the next use at its end.
  class Use {
  public:
    explicit Use(Statement* statement) : statement_(statement) {}
    Use(Use&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
    Use& operator=(Use&&) = delete;
    ~Use()
    {
      if (statement_ != nullptr) statement_->reset();
    }
    Statement* operator->() const { return statement_; }
    Statement& operator*() const { return *statement_; }

  private:
    Statement* statement_;
  };

  /// `sql` is a constant. Nobody else may be using the same one.
  Result<Use> use(sqlite3* db, std::string_view sql);
  void clear() { prepared_.clear(); }

private:
  std::unordered_map<const char*, Statement> prepared_;
};

/// Changes that count only after commit(): its destructor takes back what was not committed.
class Transaction {
public:
  /// `db` must outlive it, and have no transaction yet.
  static Result<Transaction> begin(sqlite3* db, std::string_view what);
  Transaction(Transaction&& other) noexcept
      : db_(std::exchange(other.db_, nullptr)), what_(other.what_)
  {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<> commit();

private:
  Transaction(sqlite3* db, std::string_view what) : db_(db), what_(what) {}
  sqlite3* db_;  // null once it has ended
  std::string_view what_;
};

/// Attaches the database in `file` as `schema`. There must be no transaction.
Result<> attach(sqlite3* db, const std::string& file, std::string_view schema);

}  // namespace ib
