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
  bool sha1_indexed = false;
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

  Result<std::optional<FileRecord>> find_by_path(const std::string& path, std::int64_t at)
  {
    const auto row = TRY(use(sql::kRecordAt));
    row->bind(1, path);
    row->bind(2, at);
    return read_first_record(*row);
  }

  /// The manifest is a private copy. Its index is made only where a file has to be looked for by
  /// content.
  Result<> index_sha1()
  {
    if (sha1_indexed) return {};
    statements.clear();
    TRY(end_group());
    TRY(execute(db.get(), sql::kIndexChosenSha1, "chosen files"));
    sha1_indexed = true;
    return begin_group();
  }

  Result<std::optional<FileRecord>> find_by_sha1(const Sha1& sha1, std::int64_t at)
  {
    TRY(index_sha1());
    const auto row = TRY(use(sql::kChosenWithSha1));
    row->bind(1, ByteView(sha1.bytes));
    row->bind(2, at);
    return read_first_record(*row);
  }

  /// `content` is what lies in its object, and becomes the content of `path`.
  Result<> keep_found(const std::string& path, const FileRecord& content)
  {
    const auto row = TRY(use(sql::kKeepFound));
    row->bind(1, path);
    row->bind(2, content.path);
    row->bind(3, seconds_of(content.since));
    row->bind(4, ByteView(content.content.sha256.bytes));
    return row->run();
  }

  Result<std::optional<Finding>> resolve_one(const WantedFile& wanted, std::int64_t at)
  {
    const std::optional<FileRecord> there = TRY(find_by_path(wanted.path, at));
    // What was taken over without a SHA-1 is compared by its SHA-256 when it is fetched, as
    // everything is.
    const bool fits =
        there && (!wanted.sha1 || !there->content.has_sha1 || there->content.sha1 == *wanted.sha1);
    if (fits) {
      TRY(keep_found(wanted.path, *there));
      return std::nullopt;
    }
    if (wanted.sha1) {
      if (const std::optional<FileRecord> elsewhere = TRY(find_by_sha1(*wanted.sha1, at))) {
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

Result<ChosenFiles> ChosenFiles::create(Manifest& manifest, const std::string& file)
{
  TRY(manifest.commit());
  auto state = std::make_unique<State>(State{
      .db = TRY(open_database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "chosen files"))});
  TRY(execute(state->db.get(), sql::kCreateChosen, "chosen files"));
  TRY(attach(state->db.get(), manifest.file(), "m"));
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

Result<> ChosenFiles::resolve(Timestamp at,
                              const std::function<Result<>(Finding, const WantedFile&)>& tell)
{
  TRY(state_->end_group());
  // Sorted once into a table of its own, which may be read while the index is made.
  TRY(execute(state_->db.get(), sql::kSortWanted, "chosen files"));
  std::int64_t last_row = 0;
  std::string last_path;
  const std::int64_t instant = seconds_of(at);
  TRY(state_->begin_group());
  Statement rows = TRY(Statement::prepare(state_->db.get(), sql::kSortedWanted));
  for (;;) {
    rows.bind(1, ++last_row);
    if (!TRY(rows.step())) break;
    WantedFile wanted{.path = std::string(rows.text(0)),
                      .sha1 = std::nullopt,
                      .asset = std::string(rows.text(2)),
                      .sidecar = rows.integer(3) != 0};
    if (!rows.is_null(1)) {
      wanted.sha1.emplace();
      std::ranges::copy(rows.blob(1), wanted.sha1->bytes.begin());
    }
    rows.reset();
    if (last_row > 1 && wanted.path == last_path) continue;
    last_path = wanted.path;
    if (const std::optional<Finding> finding = TRY(state_->resolve_one(wanted, instant)))
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
