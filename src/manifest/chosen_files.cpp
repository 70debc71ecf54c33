// SPDX-License-Identifier: Apache-2.0
#include "manifest/chosen_files.hpp"

#include "core/records/file_record.hpp"
#include "manifest/record_row.hpp"
#include "manifest/sqlite.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kSchema = R"(
PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; PRAGMA cache_size = -8192; PRAGMA temp_store = FILE;
CREATE TABLE wanted(path TEXT NOT NULL, sha1 BLOB, asset TEXT NOT NULL, sidecar INTEGER NOT NULL);
CREATE TABLE found(file_path TEXT, checksum, size, archived, sha1, crc32c, mtime, recheck, since, class, object TEXT);
)";

/// Any row whose object holds a content: one of that instant first, where the file itself had it.
constexpr std::string_view kBySha1 =
    "SELECT file_path, checksum, size, archived, sha1, crc32c, mtime, 0, since, class, object FROM "
    "(SELECT *, since <= ?2 AND archived = 0 AS then_there FROM (SELECT file_path, checksum, size, "
    "archived, sha1, crc32c, mtime, since, class, object FROM m.files WHERE sha1 = ?1) UNION ALL "
    "SELECT *, since <= ?2 AND archived = 0 FROM (SELECT file_path, checksum, size, archived, "
    "sha1, crc32c, mtime, since, class, object FROM m.history WHERE sha1 = ?1)) ORDER BY "
    "then_there DESC, since DESC, file_path LIMIT 1";

constexpr std::string_view kWanted =
    "SELECT path, sha1, asset, sidecar FROM wanted ORDER BY path, sha1 IS NULL, rowid";

class FoundRecords final : public RecordCursor {
public:
  explicit FoundRecords(Statement statement) : statement_(std::move(statement)) {}
  Result<std::optional<FileRecord>> next() override
  {
    if (done_ || !TRY(statement_.step())) {
      done_ = true;
      return std::nullopt;
    }
    return TRY(read_record(statement_));
  }

private:
  Statement statement_;
  bool done_ = false;
};

}  // namespace

struct ChosenFiles::State {
  Database db;
  bool in_group = false;
  bool contents_indexed = false;
  std::optional<Statement> add, by_path, by_sha1, keep, has;

  Result<Statement*> cached(std::optional<Statement>& slot, std::string_view sql)
  {
    if (!slot) slot = TRY(Statement::prepare(db.get(), sql));
    return &*slot;
  }

  Result<> begin_group()
  {
    if (!in_group) TRY(execute(db.get(), "BEGIN", "chosen files"));
    in_group = true;
    return {};
  }
  Result<> end_group()
  {
    if (in_group) TRY(execute(db.get(), "COMMIT", "chosen files"));
    in_group = false;
    return {};
  }

  Result<std::optional<FileRecord>> find_by_path(const std::string& path, std::int64_t at)
  {
    Statement* statement = TRY(cached(by_path, record_at_sql("m")));
    statement->bind(1, path);
    statement->bind(2, at);
    return read_only_record(*statement);
  }

  /// The manifest is a private copy. Its index is made only where a file has to be looked for by
  /// content.
  Result<> index_contents()
  {
    if (contents_indexed) return {};
    by_path.reset();
    keep.reset();
    TRY(end_group());
    TRY(execute(db.get(),
                "CREATE INDEX IF NOT EXISTS m.files_by_sha1 ON files(sha1);CREATE INDEX IF NOT "
                "EXISTS m.history_by_sha1 ON history(sha1)",
                "chosen files"));
    contents_indexed = true;
    return begin_group();
  }

  Result<std::optional<FileRecord>> find_by_sha1(const Sha1& sha1, std::int64_t at)
  {
    TRY(index_contents());
    Statement* statement = TRY(cached(by_sha1, kBySha1));
    statement->bind(1, ByteView(sha1.bytes));
    statement->bind(2, at);
    return read_only_record(*statement);
  }

  /// `content` is what lies in its object, and becomes the content of `path`.
  Result<> keep_found(const std::string& path, const FileRecord& content)
  {
    Statement* statement = TRY(
        cached(keep,
               "INSERT INTO found SELECT ?1, checksum, size, 0, sha1, crc32c, mtime, 0, since, "
               "class, CASE WHEN object IS NULL AND file_path = ?1 THEN NULL ELSE coalesce(object, "
               "'library' || file_path) END FROM (SELECT * FROM (SELECT file_path, checksum, size, "
               "sha1, crc32c, mtime, since, class, object FROM m.files WHERE file_path = ?2 UNION "
               "ALL SELECT file_path, checksum, size, sha1, crc32c, mtime, since, class, object "
               "FROM m.history WHERE file_path = ?2) WHERE since = ?3 AND checksum = ?4 LIMIT 1)"));
    statement->bind(1, path);
    statement->bind(2, content.path);
    statement->bind(3, content.since.time_since_epoch().count());
    statement->bind(4, ByteView(content.content.sha256.bytes));
    return statement->run();
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
ChosenFiles::~ChosenFiles()
{
  if (!state_) return;
  for (auto* slot : {&state_->add, &state_->by_path, &state_->by_sha1, &state_->keep, &state_->has})
    slot->reset();
}

Result<ChosenFiles> ChosenFiles::create(Manifest& manifest, const std::string& file)
{
  TRY(manifest.commit());
  auto state = std::make_unique<State>();
  state->db = TRY(open_database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "chosen files"));
  TRY(execute(state->db.get(), std::string(kSchema), "chosen files"));
  {
    Statement attach = TRY(Statement::prepare(state->db.get(), "ATTACH ?1 AS m"));
    attach.bind(1, manifest.file());
    TRY(attach.run());
  }
  return ChosenFiles(std::move(state));
}

Result<> ChosenFiles::add(const WantedFile& wanted)
{
  TRY(state_->begin_group());
  Statement* statement =
      TRY(state_->cached(state_->add, "INSERT INTO wanted VALUES(?1, ?2, ?3, ?4)"));
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
  TRY(execute(state_->db.get(), "CREATE TABLE sorted AS " + std::string(kWanted), "chosen files"));
  std::int64_t last_row = 0;
  std::string last_path;
  const std::int64_t instant = at.time_since_epoch().count();
  TRY(state_->begin_group());
  Statement rows = TRY(Statement::prepare(
      state_->db.get(), "SELECT path, sha1, asset, sidecar FROM sorted WHERE rowid = ?1"));
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
  if (!state_->has)
    TRY(execute(state_->db.get(), "CREATE INDEX found_by_path ON found(file_path)",
                "chosen files"));
  Statement* statement =
      TRY(state_->cached(state_->has, "SELECT 1 FROM found WHERE file_path = ?1"));
  statement->bind(1, path);
  const bool found = TRY(statement->step());
  statement->reset();
  return found;
}

Result<std::unique_ptr<RecordCursor>> ChosenFiles::records() const
{
  return std::make_unique<FoundRecords>(
      TRY(Statement::prepare(state_->db.get(), "SELECT * FROM found ORDER BY rowid")));
}

}  // namespace ib
