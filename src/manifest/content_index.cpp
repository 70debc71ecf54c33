// SPDX-License-Identifier: Apache-2.0
#include "manifest/content_index.hpp"

#include "core/records/file_record.hpp"
#include "manifest/record_row.hpp"

#include <cstdio>
#include <utility>

namespace ib {
namespace {

// It is asked for digests, that is anywhere: small pages make a miss cheap, and large ones the
// tree's inner pages few enough to stay in the cache. It is private and made again if anything goes
// wrong: no journal.
constexpr std::string_view kCreate =
    "PRAGMA contents.page_size = 8192; PRAGMA contents.synchronous = OFF; PRAGMA "
    "contents.journal_mode = OFF;PRAGMA contents.cache_size = -8192;"
    // The first bytes of each digest, few enough to stay in the cache: what has others is new.
    "CREATE TABLE contents.beginnings(digest PRIMARY KEY) WITHOUT ROWID;INSERT INTO "
    "contents.beginnings SELECT DISTINCT digest FROM (SELECT substr(checksum, 1, 8) AS digest FROM "
    "files UNION ALL SELECT substr(checksum, 1, 8) FROM history) ORDER BY digest;"
    // `planned`: rows that rely on it, are planned to be archived, and were not found again;
    // `leaving`: how many of them have a place that no new path has taken; -1: no path has it any
    // more, since an earlier run.
    "CREATE TABLE contents.held(checksum, object, size, sha1, crc32c, class, planned, leaving, "
    "PRIMARY KEY(checksum, object)) WITHOUT ROWID;"
    // Names in library/ on which another path relies than the one that they are of.
    "CREATE TABLE contents.lent(object PRIMARY KEY) WITHOUT ROWID;INSERT OR IGNORE INTO "
    "contents.lent SELECT object FROM files WHERE object >= 'library/' AND object < 'library0' "
    "UNION SELECT object FROM history WHERE object >= 'library/' AND object < 'library0'";

// Sorted first, so that it is written from its beginning to its end.
std::string gathering(ContentIndex::Plan plan)
{
  const std::string planned = plan == ContentIndex::Plan::is_there
                                  ? "archived = 0 AND EXISTS (SELECT 1 FROM plan.archives a WHERE "
                                    "a.file_path = files.file_path)"
                                  : "0";
  return "INSERT INTO contents.held SELECT checksum, object, size, sha1, crc32c, class, "
         "sum(planned), CASE WHEN sum(planned) > 0 THEN sum(planned) ELSE -min(archived) END FROM "
         "(SELECT checksum, coalesce(object, 'library' || file_path) AS object, size, sha1, "
         "crc32c, class, archived, " +
         planned +
         " AS planned FROM files UNION ALL SELECT checksum, coalesce(object, 'library' || "
         "file_path), size, sha1, crc32c, class, 1, 0 FROM history) GROUP BY checksum, object";
}

}  // namespace

ContentIndex::ContentIndex(ContentIndex&& other) noexcept
    : db_(std::exchange(other.db_, nullptr)),
      file_(std::move(other.file_)),
      plan_(other.plan_),
      is_gathered_(other.is_gathered_),
      begins_(std::move(other.begins_)),
      begin_(std::move(other.begin_)),
      find_(std::move(other.find_)),
      holds_(std::move(other.holds_)),
      lent_(std::move(other.lent_)),
      add_(std::move(other.add_)),
      count_(std::move(other.count_)),
      found_(std::move(other.found_)),
      replaced_(std::move(other.replaced_))
{}

ContentIndex::~ContentIndex()
{
  if (db_ == nullptr) return;
  for (auto* slot :
       {&begins_, &begin_, &find_, &holds_, &lent_, &add_, &count_, &found_, &replaced_})
    slot->reset();
  // Where it cannot be detached now, it is when the connection is closed.
  static_cast<void>(execute(db_, "DETACH contents", "contents"));
  static_cast<void>(std::remove(file_.c_str()));
}

Result<ContentIndex> ContentIndex::build(sqlite3* db, const std::string& file, Plan plan)
{
  {
    Statement attach = TRY(Statement::prepare(db, "ATTACH ?1 AS contents"));
    attach.bind(1, file);
    TRY(attach.run());
  }
  ContentIndex index(db, file, plan);
  const RoomForASorter room(db);
  TRY(execute(db, std::string(kCreate), "contents"));
  return index;
}

Result<bool> ContentIndex::may_hold(const Sha256& sha256)
{
  if (is_gathered_) return true;
  Statement* statement =
      TRY(cached(begins_, "SELECT 1 FROM contents.beginnings WHERE digest = substr(?1, 1, 8)"));
  statement->bind(1, ByteView(sha256.bytes));
  const bool found = TRY(statement->step());
  statement->reset();
  return found;
}

Result<> ContentIndex::gather()
{
  if (is_gathered_) return {};
  const RoomForASorter room(db_);
  TRY(execute(db_, gathering(plan_), "contents"));
  is_gathered_ = true;
  return {};
}

Result<Statement*> ContentIndex::cached(std::optional<Statement>& slot, std::string_view sql)
{
  if (!slot) slot = TRY(Statement::prepare(db_, sql));
  return &*slot;
}

// An object of which the CRC32C is known first: another may have been taken over from version 2.0
// and hold something else.
Result<std::optional<HeldObject>> ContentIndex::find(const Sha256& sha256)
{
  if (!TRY(may_hold(sha256))) return std::nullopt;
  TRY(gather());
  Statement* statement =
      TRY(cached(find_,
                 "SELECT object, checksum, size, sha1, crc32c, class, leaving FROM contents.held "
                 "WHERE checksum = ?1 ORDER BY crc32c IS NULL, leaving DESC, object LIMIT 1"));
  statement->bind(1, ByteView(sha256.bytes));
  if (!TRY(statement->step())) return std::nullopt;
  HeldObject held{.name = {std::string(statement->text(0))}, .content = {}};
  Result<Content> content =
      content_of(*statement, {.checksum = 1, .size = 2, .sha1 = 3, .crc32c = 4}, held.name.value);
  if (!statement->is_null(5)) held.storage_class = class_of(statement->integer(5));
  held.leaving = statement->integer(6) != 0;
  statement->reset();
  held.content = TRY(std::move(content));
  return held;
}

Result<bool> ContentIndex::holds(const Sha256& sha256, const ObjectName& name)
{
  if (!TRY(may_hold(sha256))) return false;
  TRY(gather());
  Statement* statement =
      TRY(cached(holds_, "SELECT 1 FROM contents.held WHERE checksum = ?1 AND object = ?2"));
  statement->bind(1, ByteView(sha256.bytes));
  statement->bind(2, name.value);
  const bool found = TRY(statement->step());
  statement->reset();
  return found;
}

Result<bool> ContentIndex::is_name_lent(const ObjectName& name)
{
  Statement* statement = TRY(cached(lent_, "SELECT 1 FROM contents.lent WHERE object = ?1"));
  statement->bind(1, name.value);
  const bool found = TRY(statement->step());
  statement->reset();
  return found;
}

Result<> ContentIndex::add(const FileRecord& record)
{
  if (!is_gathered_) {  // it will be, with this row
    Statement* begin =
        TRY(cached(begin_, "INSERT OR IGNORE INTO contents.beginnings VALUES(substr(?1, 1, 8))"));
    begin->bind(1, ByteView(record.content.sha256.bytes));
    return begin->run();
  }
  Statement* statement = TRY(cached(
      add_,
      "INSERT INTO contents.held VALUES(?2, ?1, ?3, ?5, ?6, ?8, 0, -?4) ON CONFLICT DO NOTHING"));
  bind_content(*statement, record);
  statement->bind(1, record.object_name().value);
  bind_class(*statement, 8, record.storage_class);
  return statement->run();
}

Result<std::uint64_t> ContentIndex::found_again(const Sha256& sha256)
{
  if (!TRY(may_hold(sha256))) return 0;
  TRY(gather());
  Statement* count = TRY(cached(
      count_, "SELECT total(planned), total(leaving <> 0) FROM contents.held WHERE checksum = ?1"));
  count->bind(1, ByteView(sha256.bytes));
  TRY(count->step());
  const auto planned = static_cast<std::uint64_t>(count->integer(0));
  const bool any_leaves = count->integer(1) > 0;
  count->reset();
  if (planned > 0) {
    Statement* found =
        TRY(cached(found_, "UPDATE contents.held SET planned = 0 WHERE checksum = ?1"));
    found->bind(1, ByteView(sha256.bytes));
    TRY(found->run());
  }
  if (any_leaves) {
    Statement* replaced =
        TRY(cached(replaced_,
                   "UPDATE contents.held SET leaving = max(leaving - 1, 0) WHERE checksum = ?1 AND "
                   "object = (SELECT object FROM contents.held WHERE checksum = ?1 ORDER BY crc32c "
                   "IS NULL, leaving DESC, object LIMIT 1)"));
    replaced->bind(1, ByteView(sha256.bytes));
    TRY(replaced->run());
  }
  return planned;
}

}  // namespace ib
