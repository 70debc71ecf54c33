// SPDX-License-Identifier: Apache-2.0
//
// A manifest of version 2.0 whose rows hold anything.
#include "fuzz/fuzz.hpp"
#include "fuzz/manifest_reading.hpp"
#include "fuzz/manifest_rows.hpp"

#include <sqlite3.h>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace ib;
  fuzz::Input input(data, size);
  const std::string file = fuzz::scratch_file("older.db", "");
  sqlite3* db = fuzz::open_sqlite(file);
  fuzz::run_sql(db,
                "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN;"
                "CREATE TABLE files(file_path TEXT PRIMARY KEY, checksum TEXT, size INTEGER,"
                " archived INTEGER DEFAULT 0);"
                "CREATE INDEX idx_checksum ON files(checksum);"
                "CREATE INDEX idx_archived ON files(archived);"
                "CREATE TABLE manifest_metadata(key TEXT PRIMARY KEY, value TEXT);"
                "INSERT INTO manifest_metadata VALUES('version', '2.0')");
  while (!input.empty()) {
    const bool is_file = input.byte() % 4 != 0;
    fuzz::insert_row(db, input, is_file ? "files" : "manifest_metadata", is_file ? 4 : 2);
  }
  fuzz::run_sql(db, "COMMIT");
  sqlite3_close(db);
  fuzz::take_over_manifest_file(file);
  return 0;
}
