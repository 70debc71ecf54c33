// SPDX-License-Identifier: Apache-2.0
#include "manifest/content_index.hpp"

#include "manifest/record_row.hpp"
#include "manifest/sql.hpp"
#include "manifest/sqlite.hpp"

#include <cstdio>
#include <utility>

namespace ib {

struct ContentIndex::State {
  sqlite3* db;
  std::string file;
  Plan plan;
  StatementCache statements = {};
  bool is_gathered = false;
  std::uint64_t archives_found_again = 0;

  Result<StatementCache::Use> use(std::string_view sql) { return statements.use(db, sql); }

  Result<bool> finds(std::string_view sql, std::string_view name)
  {
    const auto statement = TRY(use(sql));
    statement->bind(1, name);
    return statement->step();
  }

  /// False: no row relies on this content. After true, all rows are gathered.
  Result<bool> may_hold(const Sha256& sha256)
  {
    if (is_gathered) return true;
    {
      const auto statement = TRY(use(sql::kHasBeginning));
      statement->bind(1, ByteView(sha256.bytes));
      if (!TRY(statement->step())) return false;
    }
    const RoomForASorter room(db);
    TRY(execute(db, plan == Plan::present ? sql::kGatherWithPlan : sql::kGather, "contents"));
    is_gathered = true;
    return true;
  }
};

ContentIndex::ContentIndex(std::unique_ptr<State> state) : state_(std::move(state)) {}
ContentIndex::ContentIndex(ContentIndex&&) noexcept = default;

ContentIndex::~ContentIndex()
{
  if (!state_) return;
  state_->statements.clear();
  // Where it cannot be detached now, it is when the connection is closed.
  static_cast<void>(execute(state_->db, "DETACH contents", "contents"));
  static_cast<void>(std::remove(state_->file.c_str()));
}

Result<ContentIndex> ContentIndex::build(sqlite3* db, const std::string& file, Plan plan)
{
  TRY(attach(db, file, "contents"));
  ContentIndex index(std::make_unique<State>(State{.db = db, .file = file, .plan = plan}));
  const RoomForASorter room(db);
  const JournalsMayGo of_the_contents(db);
  TRY(execute(db, sql::kCreateContents, "contents"));
  return index;
}

Result<std::optional<HeldObject>> ContentIndex::find(const Sha256& sha256)
{
  if (!TRY(state_->may_hold(sha256))) return std::nullopt;
  const auto row = TRY(state_->use(sql::kFindHeld));
  row->bind(1, ByteView(sha256.bytes));
  if (!TRY(row->step())) return std::nullopt;
  HeldObject held{.name = {std::string(row->text(0))}, .content = {}};
  held.content =
      TRY(content_of(*row, {.checksum = 1, .size = 2, .sha1 = 3, .crc32c = 4}, held.name.value));
  if (!row->is_null(5)) held.storage_class = class_of(row->integer(5));
  held.leaving = row->integer(6) != 0;
  return held;
}

Result<bool> ContentIndex::is_claimed(const FileRecord& record)
{
  if (!TRY(state_->may_hold(record.content.sha256))) return false;
  const auto statement = TRY(state_->use(sql::kIsHeld));
  statement->bind(1, ByteView(record.content.sha256.bytes));
  statement->bind(2, record.object_name().value);
  return statement->step();
}

Result<bool> ContentIndex::is_own_name_taken(std::string_view path)
{
  const std::string own = std::string(kLibraryPrefix) + std::string(path.substr(1));
  return TRY(state_->finds(sql::kIsLent, own)) || TRY(state_->finds(sql::kHasOwnObject, path));
}

Result<> ContentIndex::found_again(const Sha256& sha256)
{
  if (!TRY(state_->may_hold(sha256))) return {};
  const auto for_content = [&](std::string_view sql) -> Result<StatementCache::Use> {
    auto statement = TRY(state_->use(sql));
    statement->bind(1, ByteView(sha256.bytes));
    return statement;
  };
  std::uint64_t planned = 0;
  bool any_leaves = false;
  {
    const auto count = TRY(for_content(sql::kCountPlanned));
    TRY(count->step());
    planned = static_cast<std::uint64_t>(count->integer(0));
    any_leaves = count->integer(1) > 0;
  }
  if (planned > 0) TRY(TRY(for_content(sql::kFoundAgain))->run());
  if (any_leaves) TRY(TRY(for_content(sql::kTakePlace))->run());
  state_->archives_found_again += planned;
  return {};
}

std::uint64_t ContentIndex::archives_found_again() const
{
  return state_->archives_found_again;
}

Result<> ContentIndex::add(const FileRecord& record)
{
  if (!state_->is_gathered) {  // it will be, with this row
    const auto begin = TRY(state_->use(sql::kAddBeginning));
    begin->bind(1, ByteView(record.content.sha256.bytes));
    return begin->run();
  }
  const auto statement = TRY(state_->use(sql::kAddHeld));
  bind_content(*statement, record);
  statement->bind(1, record.object_name().value);
  bind_class(*statement, 8, record.storage_class);
  return statement->run();
}

}  // namespace ib
