// SPDX-License-Identifier: Apache-2.0
#include "fuzz/manifest_rows.hpp"

#include <sqlite3.h>

namespace ib::fuzz {
namespace {

void bind(sqlite3_stmt* row, int column, Input& input)
{
  const auto text = [&](std::string_view value) {
    sqlite3_bind_text(row, column, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
  };
  switch (input.byte() % 6) {
    case 0:
      sqlite3_bind_null(row, column);
      break;
    case 1:
      sqlite3_bind_int64(row, column, input.number());
      break;
    case 2:
      text(input.text());
      break;
    case 3: {
      const std::string_view value = input.text();
      sqlite3_bind_blob(row, column, value.data(), static_cast<int>(value.size()),
                        SQLITE_TRANSIENT);
      break;
    }
    case 4:  // as a digest has to be
      sqlite3_bind_zeroblob(row, column, input.byte() % 2 == 0 ? 32 : 20);
      break;
    default:
      sqlite3_bind_double(row, column, static_cast<double>(input.number()) * 1e3);
      break;
  }
}

}  // namespace

sqlite3* open_sqlite(const std::string& file)
{
  sqlite3* db = nullptr;
  require(sqlite3_open(file.c_str(), &db) == SQLITE_OK, "a database can be opened");
  return db;
}

void run_sql(sqlite3* db, std::string_view sql)
{
  require(sqlite3_exec(db, std::string(sql).c_str(), nullptr, nullptr, nullptr) == SQLITE_OK,
          "our own statement runs");
}

void insert_row(sqlite3* db, Input& input, std::string_view table, int columns)
{
  std::string sql = "INSERT OR IGNORE INTO " + std::string(table) + " VALUES(?";
  for (int i = 1; i < columns; ++i) sql += ", ?";
  sql += ")";
  sqlite3_stmt* row = nullptr;
  require(sqlite3_prepare_v2(db, sql.c_str(), -1, &row, nullptr) == SQLITE_OK, "a row fits");
  for (int i = 1; i <= columns; ++i) bind(row, i, input);
  sqlite3_step(row);  // NOT NULL may refuse it
  sqlite3_finalize(row);
}

}  // namespace ib::fuzz
