// SPDX-License-Identifier: Apache-2.0
#include "manifest/differences.hpp"

#include "core/records/file_record.hpp"
#include "manifest/sqlite.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kWhat = "spool of differences";

constexpr const char* kTables =
    "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; PRAGMA temp_store = FILE;CREATE TABLE "
    "differences(path TEXT PRIMARY KEY NOT NULL, old_checksum BLOB, old_size INTEGER, new_checksum "
    "BLOB, new_size INTEGER) WITHOUT ROWID;CREATE TABLE moves(path TEXT PRIMARY KEY NOT NULL, "
    "moved_from TEXT NOT NULL) WITHOUT ROWID;BEGIN";

// The first path that has lost a content is paired with the first that has got it, and so on.
constexpr const char* kPairMoves =
    "WITH lost AS (SELECT path, old_checksum AS checksum,   row_number() OVER (PARTITION BY "
    "old_checksum ORDER BY path) AS number   FROM differences WHERE new_checksum IS NULL), got AS "
    "(SELECT path, new_checksum AS checksum,   row_number() OVER (PARTITION BY new_checksum ORDER "
    "BY path) AS number   FROM differences WHERE old_checksum IS NULL) INSERT INTO moves SELECT "
    "got.path, lost.path FROM got JOIN lost USING(checksum, number);CREATE UNIQUE INDEX moves_from "
    "ON moves(moved_from);COMMIT";

constexpr std::string_view kSelect =
    "SELECT d.path, d.old_checksum, d.old_size, d.new_checksum, d.new_size, m.moved_from FROM "
    "differences d LEFT JOIN moves m ON m.path = d.path WHERE NOT EXISTS (SELECT 1 FROM moves "
    "WHERE moved_from = d.path) ORDER BY d.path";

std::optional<FileVersion> version_of(const Statement& row, int column)
{
  if (row.is_null(column)) return std::nullopt;
  FileVersion version;
  std::ranges::copy(row.blob(column), version.sha256.bytes.begin());
  version.size = static_cast<std::uint64_t>(row.integer(column + 1));
  return version;
}

class SpooledDifferences final : public DifferenceCursor {
public:
  explicit SpooledDifferences(Database db) : db_(std::move(db)) {}

  Result<> fill(RecordCursor& before, RecordCursor& after)
  {
    Statement insert =
        TRY(Statement::prepare(db_.get(), "INSERT INTO differences VALUES(?1, ?2, ?3, ?4, ?5)"));
    std::optional<FileRecord> old = TRY(before.next());
    std::optional<FileRecord> now = TRY(after.next());
    while (old || now) {
      const bool takes_old = old && (!now || old->path <= now->path);
      const bool takes_new = now && (!old || now->path <= old->path);
      const bool same = takes_old && takes_new && old->content == now->content;
      if (!same) TRY(spool(insert, takes_old ? &*old : nullptr, takes_new ? &*now : nullptr));
      if (takes_old) old = TRY(before.next());
      if (takes_new) now = TRY(after.next());
    }
    TRY(execute(db_.get(), kPairMoves, kWhat));
    select_ = TRY(Statement::prepare(db_.get(), kSelect));
    return {};
  }

  Result<std::optional<Difference>> next() override
  {
    if (!select_ || !TRY(select_->step())) {
      select_.reset();
      return std::nullopt;
    }
    Difference difference{.path = std::string(select_->text(0)),
                          .moved_from = std::string(select_->is_null(5) ? "" : select_->text(5)),
                          .before = version_of(*select_, 1),
                          .after = version_of(*select_, 3)};
    if (!difference.moved_from.empty()) {
      difference.kind = DifferenceKind::moved;
      difference.before = difference.after;
    } else if (!difference.after) {
      difference.kind = DifferenceKind::gone;
    } else {
      difference.kind = difference.before ? DifferenceKind::changed : DifferenceKind::added;
    }
    return difference;
  }

private:
  static Result<> spool(Statement& insert, const FileRecord* old, const FileRecord* now)
  {
    insert.bind(1, (now != nullptr ? now : old)->path);
    for (const auto& [record, column] : {std::pair(old, 2), std::pair(now, 4)}) {
      if (record == nullptr) {
        insert.bind_null(column);
        insert.bind_null(column + 1);
      } else {
        insert.bind(column, ByteView(record->content.sha256.bytes));
        insert.bind(column + 1, static_cast<std::int64_t>(record->content.size));
      }
    }
    return insert.run();
  }

  Database db_;
  std::optional<Statement> select_;
};

}  // namespace

Result<std::unique_ptr<DifferenceCursor>> find_differences(RecordCursor& before,
                                                           RecordCursor& after,
                                                           const std::string& spool)
{
  Database db = TRY(open_database(spool, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, kWhat));
  TRY(execute(db.get(), kTables, kWhat));
  auto differences = std::make_unique<SpooledDifferences>(std::move(db));
  TRY(differences->fill(before, after));
  return differences;
}

}  // namespace ib
