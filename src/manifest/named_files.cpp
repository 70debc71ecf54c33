// SPDX-License-Identifier: Apache-2.0
#include "manifest/named_files.hpp"

#include "manifest/cursors.hpp"
#include "manifest/sqlite.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kWhat = "the files that the database names";

// Scratch: not durable, and thrown away.
constexpr const char* kTables =
    "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; PRAGMA cache_size = -32768; BEGIN;CREATE "
    "TABLE named(path TEXT NOT NULL, kind INTEGER NOT NULL, id TEXT NOT NULL, sha1 BLOB, flags "
    "INTEGER NOT NULL)";

constexpr std::int64_t kOddChecksum = 1, kExternal = 2, kOffline = 4, kTrashed = 8,
                       kBeingDeleted = 16, kOutside = 32;

std::int64_t flags_of(const NamedFile& file)
{
  return (file.odd_checksum ? kOddChecksum : 0) + (file.external ? kExternal : 0) +
         (file.offline ? kOffline : 0) + (file.trashed ? kTrashed : 0) +
         (file.being_deleted ? kBeingDeleted : 0) + (file.outside ? kOutside : 0);
}

NamedFile file_in(const Statement& row)
{
  NamedFile file{.kind = static_cast<NamedFile::Kind>(row.integer(1)),
                 .path = std::string(row.text(0)),
                 .id = std::string(row.text(2)),
                 .sha1 = std::nullopt};
  if (!row.is_null(3)) {
    file.sha1.emplace();
    std::ranges::copy(row.blob(3), file.sha1->bytes.begin());
  }
  const std::int64_t flags = row.integer(4);
  file.odd_checksum = (flags & kOddChecksum) != 0;
  file.external = (flags & kExternal) != 0;
  file.offline = (flags & kOffline) != 0;
  file.trashed = (flags & kTrashed) != 0;
  file.being_deleted = (flags & kBeingDeleted) != 0;
  file.outside = (flags & kOutside) != 0;
  return file;
}

}  // namespace

struct NamedFiles::State {
  Database db;
  std::optional<Statement> insert;
  bool adding = true;
};

NamedFiles::NamedFiles(std::unique_ptr<State> state) : state_(std::move(state)) {}
NamedFiles::NamedFiles(NamedFiles&&) noexcept = default;
NamedFiles::~NamedFiles() = default;

Result<NamedFiles> NamedFiles::create(const std::string& file)
{
  auto state = std::make_unique<State>();
  state->db = TRY(open_database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, kWhat));
  TRY(execute(state->db.get(), kTables, kWhat));
  state->insert =
      TRY(Statement::prepare(state->db.get(), "INSERT INTO named VALUES(?1, ?2, ?3, ?4, ?5)"));
  return NamedFiles(std::move(state));
}

Result<> NamedFiles::add(const NamedFile& file)
{
  Statement& insert = *state_->insert;
  insert.bind(1, file.path);
  insert.bind(2, static_cast<std::int64_t>(file.kind));
  insert.bind(3, file.id);
  if (file.sha1) {
    insert.bind(4, ByteView(file.sha1->bytes));
  } else {
    insert.bind_null(4);
  }
  insert.bind(5, flags_of(file));
  return insert.run();
}

Result<std::unique_ptr<NamedFileCursor>> NamedFiles::in_order()
{
  if (std::exchange(state_->adding, false)) TRY(execute(state_->db.get(), "COMMIT", kWhat));
  // SQLite's sorter merges runs on disk: its memory is the page cache's.
  Statement rows = TRY(Statement::prepare(
      state_->db.get(), "SELECT path, kind, id, sha1, flags FROM named ORDER BY path, kind, id"));
  return make_cursor<NamedFileCursor>(std::move(rows),
                                      [](Statement& row) -> Result<std::optional<NamedFile>> {
                                        if (!TRY(row.step())) return std::nullopt;
                                        return file_in(row);
                                      });
}

}  // namespace ib
