// SPDX-License-Identifier: Apache-2.0
#include "manifest/chosen_files.hpp"

#include "manifest/cursors.hpp"
#include "manifest/record_row.hpp"
#include "manifest/sql.hpp"
#include "manifest/sqlite.hpp"

#include <algorithm>
#include <utility>

namespace ib {
struct ChosenFiles::State {
  Database db;
  StatementCache statements = {};
  std::optional<Transaction> group = std::nullopt;
  bool found_indexed = false;

  Result<StatementCache::Use> use(std::string_view sql) { return statements.use(db.get(), sql); }

  Result<> begin_group()
  {
    if (!group) group.emplace(TRY(Transaction::begin(db.get(), "chosen files")));
    return {};
  }
  Result<> end_group()
  {
    if (group) TRY(group->commit());
    group.reset();
    return {};
  }

  /// `content` is what lies in its object, and becomes the content of `path`.
  Result<> keep_found(const std::string& path, const FileRecord& content)
  {
    FileRecord found = content;
    found.object = content.object_name();
    found.path = path;
    const auto row = TRY(use(sql::kKeepFound));
    bind_content(*row, found);
    row->bind(4, std::int64_t{0});
    bind_class(*row, 8, found.storage_class);
    bind_object(*row, 9, found);
    return row->run();
  }

  Result<std::optional<Finding>> resolve_one(const WantedFile& wanted, const RestoreSet& set,
                                             Manifest* by_content)
  {
    const std::optional<FileRecord> there = TRY(set.find(wanted.path));
    // What was taken over without a SHA-1 is compared by its SHA-256 when it is fetched, as
    // everything is.
    const bool fits =
        there && (!wanted.sha1 || !there->content.has_sha1 || there->content.sha1 == *wanted.sha1);
    if (fits) {
      TRY(keep_found(wanted.path, *there));
      return std::nullopt;
    }
    if (wanted.sha1 && by_content != nullptr) {
      if (const std::optional<FileRecord> elsewhere = TRY(by_content->find_sha1(*wanted.sha1))) {
        TRY(keep_found(wanted.path, *elsewhere));
        return std::nullopt;
      }
    }
    if (!there) return Finding::missing;
    TRY(keep_found(wanted.path, *there));
    return Finding::differs;
  }
};

ChosenFiles::ChosenFiles(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChosenFiles::ChosenFiles(ChosenFiles&&) noexcept = default;
ChosenFiles::~ChosenFiles() = default;

Result<ChosenFiles> ChosenFiles::create(const std::string& file)
{
  auto state = std::make_unique<State>(State{
      .db = TRY(open_database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "chosen files"))});
  TRY(execute(state->db.get(), sql::kCreateChosen, "chosen files"));
  return ChosenFiles(std::move(state));
}

Result<> ChosenFiles::add(const WantedFile& wanted)
{
  TRY(state_->begin_group());
  const auto statement = TRY(state_->use(sql::kAddWanted));
  statement->bind(1, wanted.path);
  if (wanted.sha1) {
    statement->bind(2, ByteView(wanted.sha1->bytes));
  } else {
    statement->bind_null(2);
  }
  statement->bind(3, wanted.asset);
  statement->bind(4, std::int64_t{wanted.sidecar});
  return statement->run();
}

Result<> ChosenFiles::resolve(const RestoreSet& set, Manifest* by_content,
                              const std::function<Result<>(Finding, const WantedFile&)>& tell)
{
  TRY(state_->end_group());
  TRY(execute(state_->db.get(), sql::kSortWanted, "chosen files"));
  TRY(state_->begin_group());
  std::optional<std::string> last_path;
  Statement rows = TRY(Statement::prepare(state_->db.get(), sql::kSortedWanted));
  while (TRY(rows.step())) {
    WantedFile wanted{.path = std::string(rows.text(0)),
                      .sha1 = std::nullopt,
                      .asset = std::string(rows.text(2)),
                      .sidecar = rows.integer(3) != 0};
    if (!rows.is_null(1)) {
      wanted.sha1.emplace();
      std::ranges::copy(rows.blob(1), wanted.sha1->bytes.begin());
    }
    if (last_path == wanted.path) continue;
    last_path = wanted.path;
    if (const std::optional<Finding> finding = TRY(state_->resolve_one(wanted, set, by_content)))
      TRY(tell(*finding, wanted));
  }
  return state_->end_group();
}

Result<bool> ChosenFiles::has(std::string_view path) const
{
  // In path order, but without an index: made where somebody asks.
  if (!std::exchange(state_->found_indexed, true))
    TRY(execute(state_->db.get(), sql::kIndexFound, "chosen files"));
  const auto row = TRY(state_->use(sql::kIsFound));
  row->bind(1, path);
  return row->step();
}

Result<std::unique_ptr<RecordCursor>> ChosenFiles::records() const
{
  return make_record_cursor(TRY(Statement::prepare(state_->db.get(), sql::kFound)));
}

}  // namespace ib
