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

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  static const std::string kOurs = our_manifest();
  constexpr unsigned kVersion3 = 1, kEmptied = 2, kToMerge = 4;
  constexpr std::array kTables{std::pair("files", 11), std::pair("history", 11),
                               std::pair("manifest_metadata", 2), std::pair("runs", 5),
                               std::pair("placed", 8)};

  fuzz::Input input(data, size);
  const unsigned kind = input.byte();
  const std::string file = fuzz::scratch_file("manifest.db", kOurs);
  sqlite3* db = fuzz::open_sqlite(file);
  fuzz::run_sql(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN");
  if ((kind & kEmptied) != 0) fuzz::run_sql(db, "DELETE FROM files; DELETE FROM runs");
  if ((kind & kVersion3) != 0)
    fuzz::run_sql(db,
                  "DROP TABLE runs; DROP TABLE placed;"
                  "UPDATE manifest_metadata SET value = '3.0' WHERE key = 'version'");
  while (!input.empty()) {
    const std::size_t tables = (kind & kVersion3) != 0 ? 3 : kTables.size();
    const auto& [table, columns] = kTables.at(input.byte() % tables);
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
