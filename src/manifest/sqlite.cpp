// SPDX-License-Identifier: Apache-2.0
#include "manifest/sqlite.hpp"

#include "base/assert.hpp"

#include <utility>

namespace ib {

Error sqlite_error(sqlite3* db, std::string_view what)
{
  const int code = sqlite3_errcode(db) & 0xFF;
  const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  Error error{.code = damaged ? Errc::corrupt : Errc::io,
              .message = std::string(what) + ": " + sqlite3_errmsg(db)};
  if (code == SQLITE_FULL)
    error.hint = "Make room in the temporary folder, or name another one with TMPDIR or --scratch.";
  return error;
}

Result<Database> open_database(const std::string& file, int flags, std::string_view what)
{
  sqlite3* raw = nullptr;
  const int status = sqlite3_open_v2(file.c_str(), &raw,
                                     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Database db(raw);
  if (status != SQLITE_OK) return std::unexpected(sqlite_error(db.get(), what));
  return db;
}

Result<> distrust(sqlite3* db, std::string_view what)
{
  // A path, an object's name and what else a row holds have some KiB. A schema has some, too.
  constexpr int kLongestValue = 1 << 20;
  for (const auto& [option, value] :
       {std::pair(SQLITE_DBCONFIG_DEFENSIVE, 1), std::pair(SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
        std::pair(SQLITE_DBCONFIG_ENABLE_VIEW, 0), std::pair(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
        std::pair(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0)})
    if (sqlite3_db_config(db, option, value, nullptr) != SQLITE_OK)
      return std::unexpected(sqlite_error(db, what));
  if (sqlite3_drop_modules(db, nullptr) != SQLITE_OK)
    return std::unexpected(sqlite_error(db, what));
  static_cast<void>(sqlite3_limit(db, SQLITE_LIMIT_LENGTH, kLongestValue));
  static_cast<void>(sqlite3_limit(db, SQLITE_LIMIT_TRIGGER_DEPTH, 1));
  return execute(db, "PRAGMA cell_size_check = ON", what);
}

// Where it fails, the database keeps its journal, and is slower.
JournalsMayGo::JournalsMayGo(sqlite3* db) : db_(db)
{
  static_cast<void>(sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr));
}
JournalsMayGo::~JournalsMayGo()
{
  static_cast<void>(sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr));
}

Result<> execute(sqlite3* db, std::string_view sql, std::string_view what)
{
  if (sqlite3_exec(db, std::string(sql).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return std::unexpected(sqlite_error(db, what));
  }
  return {};
}

Result<> set_cache(sqlite3* db, int kib)
{
  return execute(db, "PRAGMA main.cache_size = " + std::to_string(-kib), "manifest");
}

// Where it fails, more memory is taken, or less is cached.
RoomForASorter::RoomForASorter(sqlite3* db) : db_(db)
{
  static_cast<void>(set_cache(db_, kCacheKiB / 2));
}
RoomForASorter::~RoomForASorter()
{
  static_cast<void>(set_cache(db_, kCacheKiB));
}

Result<Statement> Statement::prepare(sqlite3* db, std::string_view sql)
{
  sqlite3_stmt* raw = nullptr;
  const int status = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (status != SQLITE_OK) return std::unexpected(sqlite_error(db, "manifest"));
  return Statement(raw);
}

// Binding fails only for a wrong index or want of memory: a bug here.
void Statement::bind(int index, std::int64_t value)
{
  IB_ASSERT(sqlite3_bind_int64(statement_.get(), index, value) == SQLITE_OK);
}

void Statement::bind(int index, std::string_view text)
{
  IB_ASSERT(sqlite3_bind_text64(
                statement_.get(), index, text.data() != nullptr ? text.data() : "", text.size(),
                SQLITE_TRANSIENT,  // NOLINT(performance-no-int-to-ptr): SQLite's own macro
                SQLITE_UTF8) == SQLITE_OK);
}

void Statement::bind(int index, ByteView blob)
{
  IB_ASSERT(sqlite3_bind_blob64(statement_.get(), index, blob.data(), blob.size(),
                                SQLITE_TRANSIENT) ==
            SQLITE_OK);  // NOLINT(performance-no-int-to-ptr)
}

void Statement::bind_null(int index)
{
  IB_ASSERT(sqlite3_bind_null(statement_.get(), index) == SQLITE_OK);
}

Result<bool> Statement::step()
{
  const int status = sqlite3_step(statement_.get());
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) {
    reset();
    return false;
  }
  Error error = sqlite_error(sqlite3_db_handle(statement_.get()), "manifest");
  reset();
  return std::unexpected(std::move(error));
}

Result<> Statement::run()
{
  while (TRY(step())) {
  }
  return {};
}

void Statement::reset()
{
  static_cast<void>(sqlite3_reset(statement_.get()));
}  // repeats step()'s own error

std::int64_t Statement::integer(int column) const
{
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const
{
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

ByteView Statement::blob(int column) const
{
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

bool Statement::is_text(int column) const
{
  return sqlite3_column_type(statement_.get(), column) == SQLITE_TEXT;
}

bool Statement::is_integer(int column) const
{
  return sqlite3_column_type(statement_.get(), column) == SQLITE_INTEGER;
}

bool Statement::is_null(int column) const
{
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

Result<StatementCache::Use> StatementCache::use(sqlite3* db, std::string_view sql)
{
  auto found = prepared_.find(sql.data());
  if (found == prepared_.end())
    found = prepared_.emplace(sql.data(), TRY(Statement::prepare(db, sql))).first;
  return Use(&found->second);
}

Result<Transaction> Transaction::begin(sqlite3* db, std::string_view what)
{
  TRY(execute(db, "BEGIN", what));
  return Transaction(db, what);
}

Transaction::~Transaction()
{
  if (db_ == nullptr) return;
  static_cast<void>(execute(db_, "ROLLBACK", what_));  // the first error is the one to tell
}

Result<> Transaction::commit()
{
  TRY(execute(db_, "COMMIT", what_));
  db_ = nullptr;
  return {};
}

Result<> attach(sqlite3* db, const std::string& file, std::string_view schema)
{
  Statement attach = TRY(Statement::prepare(db, "ATTACH ?1 AS " + std::string(schema)));
  attach.bind(1, file);
  return attach.run();
}

}  // namespace ib
