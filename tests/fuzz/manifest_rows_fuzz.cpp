// SPDX-License-Identifier: Apache-2.0
//
// A manifest whose tables are as they must be, and whose rows hold anything: SQLite lets a column
// hold any kind of value. The first byte tells the version, whether rows of ours are there too, and
// whether it is read or merged.
#include "fuzz/fuzz.hpp"
#include "fuzz/manifest_reading.hpp"
#include "fuzz/manifest_rows.hpp"
#include "manifest/exchange.hpp"
#include "manifest/manifest.hpp"
#include "manifest/sql.hpp"
#include "sys/file.hpp"

#include <sqlite3.h>
#include <array>
#include <utility>

namespace {

using namespace ib;

/// A manifest with two paths, of which one has changed.
std::string our_manifest()
{
  const std::string file = fuzz::scratch_folder() + "/ours.db";
  Manifest manifest = Manifest::create(fuzz::scratch_folder() + "/ours.work").value();
  for (std::uint64_t generation = 1; generation <= 2; ++generation) {
    manifest
        .begin_run({.generation = generation,
                    .run = "run-" + std::to_string(generation),
                    .started = Timestamp(std::chrono::hours(generation))})
        .value();
    Content content{.size = generation};
    content.sha256.bytes[0] = static_cast<std::byte>(generation);
    manifest.record({.path = "/upload/a.jpg", .content = content}).value();
    manifest.record({.path = "/upload/b.jpg", .content = {}}).value();
    manifest.commit_run(generation).value();
  }
  pack(manifest, file).value();
  sqlite3* db = fuzz::open_sqlite(file);
  fuzz::run_sql(db, "PRAGMA page_size = 1024; VACUUM");  // less to write each time
  sqlite3_close(db);
  return read_file(file, 1U << 20U).value();
}

/// Its two paths as they would have been.
std::string as_version_3()
{
  return "CREATE TEMP TABLE two AS SELECT * FROM files; DROP VIEW files; DROP VIEW history; DROP "
         "VIEW placed; DROP TABLE paths; DROP TABLE past; DROP TABLE contents; DROP TABLE "
         "placements; DROP TABLE encrypted; DROP TABLE recipients; DROP TABLE runs; DROP TABLE "
         "manifest_metadata; " +
         std::string(sql::kSchemaOfVersion3) +
         "; INSERT INTO manifest_metadata VALUES('version', '3.0'); INSERT INTO files SELECT * "
         "FROM "
         "two; DROP TABLE two";
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  static const std::string kOurs = our_manifest();
  constexpr unsigned kVersion3 = 1, kEmptied = 2, kToMerge = 4;
  constexpr std::array kTables{std::pair("contents", 7), std::pair("paths", 6),
                               std::pair("past", 6),     std::pair("manifest_metadata", 2),
                               std::pair("runs", 5),     std::pair("placements", 3)};
  constexpr std::array kTablesOfVersion3{std::pair("files", 11), std::pair("history", 11),
                                         std::pair("manifest_metadata", 2)};

  fuzz::Input input(data, size);
  const unsigned kind = input.byte();
  const std::string file = fuzz::scratch_file("manifest.db", kOurs);
  sqlite3* db = fuzz::open_sqlite(file);
  fuzz::run_sql(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN");
  if ((kind & kEmptied) != 0)
    fuzz::run_sql(db, "DELETE FROM paths; DELETE FROM contents; DELETE FROM runs");
  if ((kind & kVersion3) != 0) fuzz::run_sql(db, as_version_3());
  while (!input.empty()) {
    const std::uint8_t number = input.byte();
    const auto& [table, columns] = (kind & kVersion3) != 0
                                       ? kTablesOfVersion3.at(number % kTablesOfVersion3.size())
                                       : kTables.at(number % kTables.size());
    fuzz::insert_row(db, input, table, columns);
  }
  fuzz::run_sql(db, "COMMIT");
  sqlite3_close(db);
  if ((kind & kToMerge) != 0)
    fuzz::merge_manifest(file);
  else
    fuzz::read_manifest(file);
  return 0;
}
