// SPDX-License-Identifier: Apache-2.0
#include "manifest/manifest.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"
#include "manifest/content_index.hpp"
#include "manifest/record_row.hpp"
#include "manifest/schema.hpp"
#include "manifest/sqlite.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

namespace ib {
namespace {

// A restore must not take files from a path's future: rows that began later are looked up in
// history.
constexpr std::string_view kRecordsAt =
    "SELECT file_path, checksum, size, archived, sha1, crc32c, mtime, recheck, since, class, "
    "object FROM files WHERE since <= ?1 AND archived = 0 UNION ALL SELECT file_path, checksum, "
    "size, archived, sha1, crc32c, mtime, 0, since, class, object FROM history WHERE since <= ?1 "
    "AND until > ?1 AND archived = 0 ORDER BY 1, since DESC, checksum DESC, object DESC";
constexpr std::string_view kStoredContents =
    "SELECT name, min(file_path), checksum, size, sha1, crc32c, class FROM (SELECT "
    "coalesce(object, 'library' || file_path) AS name, file_path, checksum, size, sha1, crc32c, "
    "class FROM files UNION ALL SELECT coalesce(object, 'library' || file_path), file_path, "
    "checksum, size, sha1, crc32c, class FROM history) GROUP BY name ORDER BY name";
// Objects that are named by other rows than that of the path which they have their name from, each
// once, with the best that is said of it: that it is in the library (0), was archived (1), or is an
// earlier version (2), as StoredKind numbers them. What history says of a path's own object is left
// out where the path's row names that too, which knows better.
constexpr std::string_view kNamedObjects =
    "SELECT name, min(kind), size, class FROM (SELECT object AS name, archived AS kind, size, "
    "class FROM files WHERE object IS NOT NULL UNION ALL SELECT coalesce(object, 'library' || "
    "file_path), 2, size, class FROM history h WHERE NOT (object IS NULL AND EXISTS (SELECT 1 FROM "
    "files f WHERE f.file_path = h.file_path AND f.object IS NULL))) GROUP BY name";
constexpr std::string_view kUpsert =
    "INSERT INTO files(file_path, checksum, size, archived, sha1, crc32c, mtime, recheck, since, "
    "class, object) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT(file_path) DO "
    "UPDATE SET checksum = ?2, size = ?3, archived = ?4, sha1 = ?5, crc32c = ?6, mtime = ?7, "
    "recheck = ?8, since = ?9, class = ?10, object = ?11";
constexpr std::string_view kToHistory =
    "INSERT OR REPLACE INTO history(file_path, since, until, checksum, size, archived, sha1, "
    "crc32c, mtime, class, object) SELECT file_path, since, ?2, checksum, size, archived, sha1, "
    "crc32c, mtime, class, object FROM files WHERE file_path = ?1 AND since < ?2";

constexpr std::string_view kUnclaimed =
    "SELECT file_path, checksum, size, archived, sha1, crc32c, mtime, 0, 0, class, object FROM "
    "plan.unclaimed";

class SqlRecordCursor final : public RecordCursor {
public:
  explicit SqlRecordCursor(Statement statement) : statement_(std::move(statement)) {}
  Result<std::optional<FileRecord>> next() override
  {
    while (!done_ && TRY(statement_.step())) {
      // Intervals of merged heads may overlap: a path's newest state comes first and is the one
      // that counts.
      if (statement_.text(0) == last_path_) continue;
      FileRecord record = TRY(read_record(statement_));
      last_path_ = record.path;
      return record;
    }
    done_ = true;
    return std::nullopt;
  }

private:
  Statement statement_;
  std::string last_path_;
  bool done_ = false;
};

/// Paths with their states; `condition` selects rows of both tables. Both are read in the order of
/// their keys.
std::string states_sql(std::string_view condition)
{
  const std::string where = condition.empty() ? "" : " WHERE " + std::string(condition);
  return "SELECT " + std::string(kRecordColumns) + ", " +
         std::to_string(std::numeric_limits<std::int64_t>::max()) + " AS until FROM files" + where +
         " UNION ALL SELECT file_path, checksum, size, archived, sha1, crc32c, mtime, 0, since, "
         "class, object, until FROM history" +
         where + " ORDER BY 1, since, until";
}

class SqlPathStatesCursor final : public PathStatesCursor {
public:
  explicit SqlPathStatesCursor(Statement statement) : statement_(std::move(statement)) {}
  Result<std::optional<std::vector<PathState>>> next() override
  {
    std::vector<PathState> states;
    if (ahead_) states.push_back(*std::exchange(ahead_, std::nullopt));
    while (!done_) {
      if (!TRY(statement_.step())) {
        done_ = true;
        break;
      }
      PathState state = TRY(state_of(statement_));
      if (!states.empty() && state.record.path != states.front().record.path) {
        ahead_ = std::move(state);
        break;
      }
      states.push_back(std::move(state));
    }
    if (states.empty()) return std::nullopt;
    return states;
  }

private:
  static Result<PathState> state_of(const Statement& row)
  {
    PathState state;
    state.record = TRY(read_record(row));
    if (row.integer(11) != std::numeric_limits<std::int64_t>::max())
      state.until = Timestamp(std::chrono::seconds(row.integer(11)));
    return state;
  }

  Statement statement_;
  std::optional<PathState> ahead_;
  bool done_ = false;
};

class SqlStoredContentCursor final : public StoredContentCursor {
public:
  explicit SqlStoredContentCursor(Statement statement) : statement_(std::move(statement)) {}
  Result<std::optional<StoredContent>> next() override
  {
    if (done_ || !TRY(statement_.step())) {
      done_ = true;
      return std::nullopt;
    }
    StoredContent stored{.name = {std::string(statement_.text(0))},
                         .content = {},
                         .path = std::string(statement_.text(1))};
    stored.content = TRY(
        content_of(statement_, {.checksum = 2, .size = 3, .sha1 = 4, .crc32c = 5}, stored.path));
    if (!statement_.is_null(6)) stored.storage_class = class_of(statement_.integer(6));
    return stored;
  }

private:
  Statement statement_;
  bool done_ = false;
};

/// Whether a row says something else than before that a restore of an earlier time would have to
/// know. That a content is known in whole now is nothing else.
bool differs(const FileRecord& before, const FileRecord& now)
{
  return !before.content.agrees_with(now.content) || before.archived != now.archived ||
         before.object_name() != now.object_name();
}

}  // namespace

struct Manifest::State {
  std::string file;
  Database db;
  bool in_group = false;
  bool changed = false;
  std::optional<ContentIndex> contents;
  std::uint64_t found_again = 0;  // planned archives whose content was met under a new path
  bool checksums_indexed = false;
  bool sha1_indexed = false;
  bool tracks = false;  // there is a plan, and with it the paths that were written
  std::optional<Statement> find, find_at, upsert, to_history, touch, plan_read, plan_archive,
      remember, note_unclaimed, find_unclaimed, is_unclaimed, own_name, sha1_in_files,
      sha1_in_history;

  Result<> remember_change(std::string_view path)
  {
    if (!tracks) return {};
    Statement* statement = TRY(cached(remember, "INSERT OR IGNORE INTO plan.changes VALUES(?1)"));
    statement->bind(1, path);
    return statement->run();
  }

  /// A statement that is prepared at its first use.
  Result<Statement*> cached(std::optional<Statement>& slot, std::string_view sql)
  {
    if (!slot) slot = TRY(Statement::prepare(db.get(), sql));
    return &*slot;
  }

  Result<> begin_group()
  {
    if (in_group) return {};
    TRY(execute(db.get(), "BEGIN", "manifest"));
    in_group = true;
    return {};
  }

  void forget_contents()
  {
    contents.reset();
    found_again = 0;
  }

  void forget_statements()
  {
    for (auto* slot : {&find, &find_at, &upsert, &to_history, &touch, &plan_read, &plan_archive,
                       &remember, &note_unclaimed, &find_unclaimed, &is_unclaimed, &own_name,
                       &sha1_in_files, &sha1_in_history}) {
      slot->reset();
    }
  }
};

Manifest::Manifest(std::unique_ptr<State> state) : state_(std::move(state)) {}
Manifest::Manifest(Manifest&&) noexcept = default;
Manifest& Manifest::operator=(Manifest&&) noexcept = default;
Manifest::~Manifest()
{
  if (!state_) return;
  state_->forget_statements();
  state_->contents.reset();
}

namespace {

// Before it has read a file, SQLite takes pages of 4 KiB for granted, and a copy that VACUUM makes
// begins so too: of a manifest's pages, which are four times as large, it would keep four times as
// many bytes.
constexpr int kCacheOfACopyKiB = kCacheKiB / 4;

Result<> configure(sqlite3* db, std::string_view name)
{
  // The working copy is private and thrown away: durability is the packed copy's business, in the
  // store. What would let memory grow with the number of rows is off: the rollback journal lies in
  // a file, as the pages of all rows that a template change moves are in it, and so do the
  // statements' own, which follow it. Debian's SQLite overwrites what is deleted unless told
  // otherwise, and journals each page for that: dropping an index then costs as much as the index
  // is large.
  TRY(execute(db,
              "PRAGMA synchronous = OFF; PRAGMA journal_mode = TRUNCATE; PRAGMA secure_delete = "
              "OFF;PRAGMA temp_store = FILE; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = "
              "ON;PRAGMA schema_version",  // reads the file, and with it how large its pages are
              name));
  return set_cache(db, kCacheKiB);
}

}  // namespace

Result<Manifest> Manifest::create(const std::string& file)
{
  auto state = std::make_unique<State>();
  state->file = file;
  state->db = TRY(open_database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "manifest"));
  // Rows of about 180 bytes waste less of larger pages.
  TRY(execute(state->db.get(), "PRAGMA page_size = 16384", "manifest"));
  TRY(configure(state->db.get(), "manifest"));
  TRY(execute(state->db.get(), std::string(kManifestSchema), "manifest"));
  Manifest manifest(std::move(state));
  TRY(manifest.set_metadata("version", kManifestVersion));
  return manifest;
}

Result<Manifest> Manifest::open(const std::string& file, std::string_view name, Known known)
{
  auto state = std::make_unique<State>();
  state->file = file;
  static_cast<void>(TRY(
      open_database(file, SQLITE_OPEN_READONLY, name)));  // the next one would make a missing file
  state->db = TRY(open_database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, name));
  TRY(configure(state->db.get(), name));
  if (known == Known::nothing) {
    Statement check = TRY(Statement::prepare(state->db.get(), "PRAGMA quick_check(1)"));
    if (!TRY(check.step()) || check.text(0) != "ok") {
      return fail(Errc::corrupt,
                  std::string(name) + ": SQLite finds it damaged: " + std::string(check.text(0)));
    }
  }
  {
    Statement tables =
        TRY(Statement::prepare(state->db.get(),
                               "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name "
                               "IN ('files', 'manifest_metadata')"));
    if (!TRY(tables.step()) || tables.integer(0) != 2)
      return fail(Errc::corrupt, std::string(name) + ": is no manifest");
  }
  Manifest manifest(std::move(state));
  const std::string version = TRY(manifest.metadata("version")).value_or("none");
  if (version != kManifestVersion) {
    return fail(Errc::invalid,
                std::string(name) + ": manifest version " + printable(version) +
                    ", but this program reads " + std::string(kManifestVersion),
                "Nothing was changed. Use the version of immich-backup that wrote it, or store "
                "into an empty place.");
  }
  return manifest;
}

Result<std::unique_ptr<RecordCursor>> Manifest::records() const
{
  return std::make_unique<SqlRecordCursor>(
      TRY(Statement::prepare(state_->db.get(), "SELECT " + std::string(kRecordColumns) +
                                                   " FROM files ORDER BY file_path")));
}

Result<std::unique_ptr<RecordCursor>> Manifest::records_at(Timestamp at) const
{
  Statement statement = TRY(Statement::prepare(state_->db.get(), kRecordsAt));
  statement.bind(1, seconds_of(at));
  return std::make_unique<SqlRecordCursor>(std::move(statement));
}

Result<std::optional<FileRecord>> Manifest::find_at(std::string_view path, Timestamp at) const
{
  Statement* statement = TRY(state_->cached(state_->find_at, record_at_sql("main")));
  statement->bind(1, path);
  statement->bind(2, seconds_of(at));
  return read_only_record(*statement);
}

Result<std::unique_ptr<PathStatesCursor>> Manifest::histories() const
{
  return std::make_unique<SqlPathStatesCursor>(
      TRY(Statement::prepare(state_->db.get(), states_sql(""))));
}

Result<std::vector<PathState>> Manifest::history(std::string_view path) const
{
  Statement statement = TRY(Statement::prepare(state_->db.get(), states_sql("file_path = ?1")));
  statement.bind(1, path);
  return TRY(SqlPathStatesCursor(std::move(statement)).next()).value_or(std::vector<PathState>());
}

Result<std::unique_ptr<PathStatesCursor>> Manifest::states_with(const Sha256& sha256) const
{
  Statement statement = TRY(Statement::prepare(state_->db.get(), states_sql("checksum = ?1")));
  statement.bind(1, ByteView(sha256.bytes));
  return std::make_unique<SqlPathStatesCursor>(std::move(statement));
}

Result<std::unique_ptr<PathStatesCursor>> Manifest::states_with(const Sha1& sha1) const
{
  Statement statement = TRY(Statement::prepare(state_->db.get(), states_sql("sha1 = ?1")));
  statement.bind(1, ByteView(sha1.bytes));
  return std::make_unique<SqlPathStatesCursor>(std::move(statement));
}

Result<std::unique_ptr<StoredContentCursor>> Manifest::stored_contents() const
{
  return std::make_unique<SqlStoredContentCursor>(
      TRY(Statement::prepare(state_->db.get(), kStoredContents)));
}

Result<std::optional<FileRecord>> Manifest::find(std::string_view path) const
{
  Statement* statement = TRY(state_->cached(
      state_->find, "SELECT " + std::string(kRecordColumns) + " FROM files WHERE file_path = ?1"));
  statement->bind(1, path);
  return read_only_record(*statement);
}

Result<> Manifest::index_contents()
{
  if (state_->contents) return {};
  TRY(commit());  // SQLite attaches nothing within a transaction
  const auto plan = state_->tracks ? ContentIndex::Plan::is_there : ContentIndex::Plan::is_none;
  state_->contents.emplace(
      TRY(ContentIndex::build(state_->db.get(), state_->file + ".contents", plan)));
  return {};
}

Result<> Manifest::index_checksums()
{
  if (state_->checksums_indexed) return {};
  TRY(state_->begin_group());
  TRY(execute(state_->db.get(),
              "CREATE INDEX files_by_checksum ON files(checksum);CREATE INDEX history_by_checksum "
              "ON history(checksum)",
              "manifest"));
  state_->checksums_indexed = true;
  return {};
}

Result<std::optional<HeldObject>> Manifest::find_content(const Sha256& sha256)
{
  IB_ASSERT(state_->contents);
  return state_->contents->find(sha256);
}

Result<std::optional<FileRecord>> Manifest::find_sha1(const Sha1& sha1)
{
  if (!state_->sha1_indexed) {
    TRY(state_->begin_group());
    TRY(execute(
        state_->db.get(),
        "CREATE INDEX files_by_sha1 ON files(sha1); CREATE INDEX history_by_sha1 ON history(sha1)",
        "manifest"));
    state_->sha1_indexed = true;
  }
  Statement* files = TRY(state_->cached(
      state_->sha1_in_files, "SELECT " + std::string(kRecordColumns) +
                                 " FROM files WHERE sha1 = ?1 ORDER BY archived LIMIT 1"));
  Statement* history =
      TRY(state_->cached(state_->sha1_in_history,
                         "SELECT file_path, checksum, size, archived, sha1, crc32c, mtime, 0, "
                         "since, class, object FROM history WHERE sha1 = ?1 LIMIT 1"));
  for (Statement* statement : {files, history}) {
    statement->bind(1, ByteView(sha1.bytes));
    if (std::optional<FileRecord> record = TRY(read_only_record(*statement))) return record;
  }
  return std::nullopt;
}

Result<> Manifest::record(const FileRecord& record)
{
  TRY(state_->begin_group());
  const std::optional<FileRecord> before = TRY(find(record.path));
  Timestamp since = record.since;
  if (before) {
    if (differs(*before, record)) {
      Statement* to_history = TRY(state_->cached(state_->to_history, kToHistory));
      to_history->bind(1, record.path);
      to_history->bind(2, seconds_of(record.since));
      TRY(to_history->run());
    } else {
      since = before->since;
    }
  }
  Statement* upsert = TRY(state_->cached(state_->upsert, kUpsert));
  bind_content(*upsert, record);
  upsert->bind(8, trust_of(record));
  upsert->bind(9, seconds_of(since));
  bind_class(*upsert, 10, record.storage_class);
  if (record.object && record.object->value != "library" + record.path) {
    upsert->bind(11, record.object->value);
  } else {
    upsert->bind_null(11);
  }
  TRY(upsert->run());
  if (state_->contents) TRY(state_->contents->add(record));
  TRY(state_->remember_change(record.path));
  state_->changed = true;
  return {};
}

Result<> Manifest::touch(std::string_view path, std::int64_t mtime_ns, bool recheck)
{
  TRY(state_->begin_group());
  Statement* statement = TRY(state_->cached(
      state_->touch, "UPDATE files SET mtime = ?2, recheck = ?3 WHERE file_path = ?1"));
  statement->bind(1, path);
  statement->bind(2, mtime_ns);
  statement->bind(3, std::int64_t{recheck});
  TRY(statement->run());
  TRY(state_->remember_change(path));
  state_->changed = true;
  return {};
}

Result<> Manifest::record_aside(const FileRecord& aside)
{
  TRY(state_->begin_group());
  Statement keep = TRY(Statement::prepare(
      state_->db.get(),
      "INSERT OR REPLACE INTO history(file_path, since, until, checksum, size, archived, sha1, "
      "crc32c, mtime, class, object) VALUES(?1, ?8, ?8, ?2, ?3, ?4, ?5, ?6, ?7, ?9, ?10)"));
  bind_content(keep, aside);
  keep.bind(8, seconds_of(aside.since));
  bind_class(keep, 9, aside.storage_class);
  keep.bind(10, aside.object_name().value);
  TRY(keep.run());
  if (state_->contents) TRY(state_->contents->add(aside));
  TRY(state_->remember_change(aside.path));
  state_->changed = true;
  return {};
}

Result<> Manifest::record_unwanted(const FileRecord& unwanted)
{
  TRY(record_aside(unwanted));
  Statement mark = TRY(Statement::prepare(
      state_->db.get(), "UPDATE files SET recheck = ?2, mtime = ?3 WHERE file_path = ?1"));
  mark.bind(1, unwanted.path);
  mark.bind(2, kSuspect);
  mark.bind(3, unwanted.mtime_ns);
  return mark.run();
}

Result<> Manifest::begin_plan()
{
  TRY(commit());  // SQLite attaches nothing within a transaction
  sqlite3* db = state_->db.get();
  Statement attach = TRY(Statement::prepare(db, "ATTACH ?1 AS plan"));
  attach.bind(1, state_->file + ".plan");
  TRY(attach.run());
  TRY(execute(db,
              "PRAGMA plan.synchronous = OFF; PRAGMA plan.journal_mode = OFF;CREATE TABLE "
              "plan.reads(file_path TEXT PRIMARY KEY NOT NULL, size INTEGER, mtime INTEGER, reason "
              "INTEGER) WITHOUT ROWID;CREATE TABLE plan.archives(file_path TEXT PRIMARY KEY NOT "
              "NULL) WITHOUT ROWID;CREATE TABLE plan.changes(file_path TEXT PRIMARY KEY NOT NULL) "
              "WITHOUT ROWID;CREATE TABLE plan.unclaimed(object TEXT PRIMARY KEY NOT NULL, "
              "file_path, checksum, size, archived, sha1, crc32c, mtime, class) WITHOUT "
              "ROWID;CREATE INDEX plan.unclaimed_by_checksum ON unclaimed(checksum)",
              "plan"));
  state_->tracks = true;
  return {};
}

Result<> Manifest::plan_read(const FileToRead& file)
{
  TRY(state_->begin_group());
  Statement* statement =
      TRY(state_->cached(state_->plan_read, "INSERT INTO plan.reads VALUES(?1, ?2, ?3, ?4)"));
  statement->bind(1, file.file.path);
  statement->bind(2, static_cast<std::int64_t>(file.file.size));
  statement->bind(3, file.file.mtime_ns);
  statement->bind(4, std::int64_t{std::to_underlying(file.reason)});
  return statement->run();
}

Result<bool> Manifest::is_claimed(const FileRecord& record)
{
  IB_ASSERT(state_->contents);
  return state_->contents->holds(record.content.sha256, record.object_name());
}

Result<> Manifest::note_unclaimed(const FileRecord& record)
{
  TRY(state_->begin_group());
  Statement* statement = TRY(state_->cached(
      state_->note_unclaimed,
      "INSERT OR REPLACE INTO plan.unclaimed(file_path, checksum, size, archived, sha1, crc32c, "
      "mtime, class, object) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"));
  bind_content(*statement, record);
  bind_class(*statement, 8, record.storage_class);
  statement->bind(9, record.object_name().value);
  return statement->run();
}

Result<bool> Manifest::is_own_name_taken(std::string_view path)
{
  IB_ASSERT(state_->contents);
  if (TRY(state_->contents->is_name_lent(
          {std::string(kLibraryPrefix) + std::string(path.substr(1))})))
    return true;
  Statement* statement =
      TRY(state_->cached(state_->own_name,
                         "SELECT 1 FROM files WHERE file_path = ?1 AND object IS NULL UNION ALL "
                         "SELECT 1 FROM history WHERE file_path = ?1 AND object IS NULL LIMIT 1"));
  statement->bind(1, path);
  const bool found = TRY(statement->step());
  statement->reset();
  return found;
}

Result<std::optional<FileRecord>> Manifest::find_unclaimed(const Sha256& sha256) const
{
  Statement* statement =
      TRY(state_->cached(state_->find_unclaimed,
                         std::string(kUnclaimed) + " WHERE checksum = ?1 ORDER BY object LIMIT 1"));
  statement->bind(1, ByteView(sha256.bytes));
  return read_only_record(*statement);
}

Result<bool> Manifest::is_unclaimed(const ObjectName& name) const
{
  Statement* statement =
      TRY(state_->cached(state_->is_unclaimed, "SELECT 1 FROM plan.unclaimed WHERE object = ?1"));
  statement->bind(1, name.value);
  const bool found = TRY(statement->step());
  statement->reset();
  return found;
}

class SqlUnclaimed final : public RecordCursor {
public:
  explicit SqlUnclaimed(Statement statement) : statement_(std::move(statement)) {}
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

Result<std::unique_ptr<RecordCursor>> Manifest::unclaimed() const
{
  return std::make_unique<SqlUnclaimed>(
      TRY(Statement::prepare(state_->db.get(), std::string(kUnclaimed) + " ORDER BY object")));
}

Result<> Manifest::plan_archive(std::string_view path)
{
  TRY(state_->begin_group());
  Statement* statement =
      TRY(state_->cached(state_->plan_archive, "INSERT INTO plan.archives VALUES(?1)"));
  statement->bind(1, path);
  return statement->run();
}

class SqlPlannedReads final : public Manifest::PlannedReads {
public:
  SqlPlannedReads(const Manifest& manifest, Statement statement)
      : manifest_(manifest), statement_(std::move(statement))
  {}
  Result<std::optional<FileToRead>> next() override
  {
    if (done_ || !TRY(statement_.step())) {
      done_ = true;
      return std::nullopt;
    }
    FileToRead item{.file = {.path = std::string(statement_.text(0)),
                             .size = static_cast<std::uint64_t>(statement_.integer(1)),
                             .mtime_ns = statement_.integer(2)},
                    .reason = static_cast<ReadReason>(statement_.integer(3)),
                    .known = std::nullopt};
    // Of a path that had no row there is none before the file itself is recorded.
    if (item.reason != ReadReason::unknown_path) item.known = TRY(manifest_.find(item.file.path));
    return item;
  }

private:
  const Manifest& manifest_;
  Statement statement_;
  bool done_ = false;
};

Result<std::unique_ptr<Manifest::PlannedReads>> Manifest::planned_reads(Planned which) const
{
  // By the row as it was when the file was planned: archived ones and unknown paths are what is
  // new.
  const std::string reasons = std::to_string(std::to_underlying(ReadReason::unknown_path)) + ", " +
                              std::to_string(std::to_underlying(ReadReason::returned));
  return std::make_unique<SqlPlannedReads>(
      *this,
      TRY(Statement::prepare(state_->db.get(),
                             "SELECT file_path, size, mtime, reason FROM plan.reads WHERE reason " +
                                 std::string(which == Planned::new_files ? "" : "NOT ") + "IN (" +
                                 reasons + ") ORDER BY 1")));
}

Result<> Manifest::found_again(const Sha256& sha256)
{
  IB_ASSERT(state_->contents);
  state_->found_again += TRY(state_->contents->found_again(sha256));
  return {};
}

Result<std::uint64_t> Manifest::vanished() const
{
  Statement statement =
      TRY(Statement::prepare(state_->db.get(), "SELECT count(*) FROM plan.archives"));
  TRY(statement.step());
  return static_cast<std::uint64_t>(statement.integer(0)) - state_->found_again;
}

Result<std::uint64_t> Manifest::archive_planned(Timestamp when)
{
  TRY(state_->begin_group());
  Statement to_history = TRY(Statement::prepare(
      state_->db.get(),
      "INSERT OR REPLACE INTO history(file_path, since, until, checksum, size, archived, sha1, "
      "crc32c, mtime, class, object) SELECT file_path, since, ?1, checksum, size, archived, sha1, "
      "crc32c, mtime, class, object FROM files WHERE file_path IN (SELECT file_path FROM "
      "plan.archives) AND archived = 0 AND since < ?1"));
  to_history.bind(1, seconds_of(when));
  TRY(to_history.run());
  Statement archive =
      TRY(Statement::prepare(state_->db.get(),
                             "UPDATE files SET archived = 1, since = ?1 WHERE file_path IN (SELECT "
                             "file_path FROM plan.archives) AND archived = 0"));
  archive.bind(1, seconds_of(when));
  TRY(archive.run());
  const auto count = static_cast<std::uint64_t>(sqlite3_changes64(state_->db.get()));
  if (count > 0) state_->changed = true;
  return count;
}

Result<std::uint64_t> Manifest::forget_object(const ObjectName& name)
{
  TRY(state_->begin_group());
  std::uint64_t dropped = 0;
  for (const std::string_view sql :
       {"DELETE FROM files WHERE coalesce(object, 'library' || file_path) = ?1",
        "DELETE FROM history WHERE coalesce(object, 'library' || file_path) = ?1"}) {
    Statement statement = TRY(Statement::prepare(state_->db.get(), sql));
    statement.bind(1, name.value);
    TRY(statement.run());
    dropped += static_cast<std::uint64_t>(sqlite3_changes64(state_->db.get()));
  }
  if (dropped > 0) state_->changed = true;
  if (state_->contents) {
    TRY(commit());  // SQLite detaches nothing within a transaction
    state_->forget_contents();
  }
  return dropped;
}

Result<> Manifest::merge(const std::string& other_file)
{
  TRY(commit());
  state_->forget_statements();
  state_->forget_contents();
  sqlite3* db = state_->db.get();
  {
    Statement attach = TRY(Statement::prepare(db, "ATTACH ?1 AS other"));
    attach.bind(1, other_file);
    TRY(attach.run());
  }
  const int before = sqlite3_total_changes(db);
  // History first, while both sides' rows are as they were. Of two states of one path, the one that
  // began later stays; equal instants are decided by the rest of the row, so that the order of
  // merging does not matter.
  Result<> merged = execute(db, R"(
    BEGIN;
    INSERT OR IGNORE INTO history SELECT * FROM other.history;
    INSERT OR IGNORE INTO history(file_path, since, until, checksum, size, archived, sha1, crc32c, mtime, class, object)
      SELECT o.file_path, o.since, max(f.since, o.since + 1), o.checksum, o.size, o.archived, o.sha1, o.crc32c, o.mtime, o.class, o.object
      FROM other.files o JOIN files f USING(file_path)
      WHERE (o.checksum, o.archived, coalesce(o.object, '')) IS NOT (f.checksum, f.archived, coalesce(f.object, ''))
        AND (o.since, o.checksum, o.archived, coalesce(o.object, ''), coalesce(o.mtime, 0), o.recheck)
          < (f.since, f.checksum, f.archived, coalesce(f.object, ''), coalesce(f.mtime, 0), f.recheck);
    INSERT OR IGNORE INTO history(file_path, since, until, checksum, size, archived, sha1, crc32c, mtime, class, object)
      SELECT f.file_path, f.since, max(o.since, f.since + 1), f.checksum, f.size, f.archived, f.sha1, f.crc32c, f.mtime, f.class, f.object
      FROM other.files o JOIN files f USING(file_path)
      WHERE (o.checksum, o.archived, coalesce(o.object, '')) IS NOT (f.checksum, f.archived, coalesce(f.object, ''))
        AND (o.since, o.checksum, o.archived, coalesce(o.object, ''), coalesce(o.mtime, 0), o.recheck)
          > (f.since, f.checksum, f.archived, coalesce(f.object, ''), coalesce(f.mtime, 0), f.recheck);
    INSERT INTO files(file_path, checksum, size, archived, sha1, crc32c, mtime, recheck, since, class, object)
      SELECT file_path, checksum, size, archived, sha1, crc32c, mtime, recheck, since, class, object FROM other.files WHERE true
      ON CONFLICT(file_path) DO UPDATE SET checksum = excluded.checksum, size = excluded.size, archived = excluded.archived,
        sha1 = excluded.sha1, crc32c = excluded.crc32c, mtime = excluded.mtime, recheck = excluded.recheck,
        since = excluded.since, class = excluded.class, object = excluded.object
      WHERE (excluded.since, excluded.checksum, excluded.archived, coalesce(excluded.object, ''), coalesce(excluded.mtime, 0), excluded.recheck)
        > (files.since, files.checksum, files.archived, coalesce(files.object, ''), coalesce(files.mtime, 0), files.recheck);
    COMMIT)",
                            "manifest");
  if (!merged) {
    static_cast<void>(execute(db, "ROLLBACK", "manifest"));  // the first error is the one to tell
    static_cast<void>(execute(db, "DETACH other", "manifest"));
    return merged;
  }
  if (sqlite3_total_changes(db) != before) state_->changed = true;
  return execute(db, "DETACH other", "manifest");
}

Result<bool> Manifest::extract_changes(const std::string& file)
{
  if (!state_->tracks) return false;
  TRY(commit());
  {
    Statement any = TRY(Statement::prepare(state_->db.get(), "SELECT 1 FROM plan.changes LIMIT 1"));
    if (!TRY(any.step())) return false;
  }
  {
    Manifest empty = TRY(Manifest::create(file));
    TRY(empty.commit());
  }
  // Over a connection of its own: the plan may be read meanwhile, which keeps what this one has
  // attached.
  const Database delta = TRY(open_database(file, SQLITE_OPEN_READWRITE, "checkpoint"));
  for (const auto& [path, name] :
       {std::pair{state_->file, "source"}, {state_->file + ".plan", "plan"}}) {
    Statement attach = TRY(Statement::prepare(delta.get(), std::string("ATTACH ?1 AS ") + name));
    attach.bind(1, path);
    TRY(attach.run());
  }
  TRY(execute(delta.get(), R"(
    BEGIN;
    INSERT INTO main.files SELECT * FROM source.files WHERE file_path IN (SELECT file_path FROM plan.changes);
    INSERT INTO main.history SELECT * FROM source.history
      WHERE since = until AND file_path IN (SELECT file_path FROM plan.changes);
    COMMIT)",
              "checkpoint"));
  return true;
}

Result<> Manifest::forget_changes()
{
  return execute(state_->db.get(), "DELETE FROM plan.changes", "checkpoint");
}

Result<> Manifest::commit()
{
  if (!state_->in_group) return {};
  TRY(execute(state_->db.get(), "COMMIT", "manifest"));
  state_->in_group = false;
  return {};
}

const std::string& Manifest::file() const
{
  return state_->file;
}

bool Manifest::changed() const
{
  return state_->changed;
}
void Manifest::write_anew()
{
  state_->changed = true;
}

Result<std::optional<std::string>> Manifest::metadata(std::string_view key) const
{
  Statement statement = TRY(
      Statement::prepare(state_->db.get(), "SELECT value FROM manifest_metadata WHERE key = ?1"));
  statement.bind(1, key);
  if (!TRY(statement.step())) return std::nullopt;
  return std::string(statement.text(0));
}

Result<> Manifest::set_metadata(std::string_view key, std::string_view value)
{
  TRY(state_->begin_group());
  Statement statement = TRY(Statement::prepare(
      state_->db.get(),
      "INSERT INTO manifest_metadata VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = ?2"));
  statement.bind(1, key);
  statement.bind(2, value);
  return statement.run();
}

Result<FileCounts> Manifest::counts() const
{
  Statement statement = TRY(Statement::prepare(
      state_->db.get(),
      "SELECT count(*) FILTER (WHERE archived = 0), total(size) FILTER (WHERE archived = 0), "
      "count(*) FILTER (WHERE archived = 1), total(size) FILTER (WHERE archived = 1), (SELECT "
      "count(*) FROM history h WHERE archived = 0 AND checksum IS NOT   (SELECT checksum FROM "
      "files f WHERE f.file_path = h.file_path)) FROM files"));
  TRY(statement.step());
  return FileCounts{.files = static_cast<std::uint64_t>(statement.integer(0)),
                    .bytes = static_cast<std::uint64_t>(statement.integer(1)),
                    .archived = static_cast<std::uint64_t>(statement.integer(2)),
                    .archived_bytes = static_cast<std::uint64_t>(statement.integer(3)),
                    .versions = static_cast<std::uint64_t>(statement.integer(4))};
}

Result<StoredTotals> Manifest::stored_totals(StorageClass unknown) const
{
  StoredTotals totals;
  // The amount that a row's columns kind, size and class, from `first` on, belong to.
  const auto amount = [&](const Statement& row, int first) -> StoredAmount& {
    const std::optional<StorageClass> known =
        row.is_null(first + 2) ? std::nullopt : class_of(row.integer(first + 2));
    return totals[static_cast<StoredKind>(row.integer(first))][known.value_or(unknown)];
  };
  const auto size = [](const Statement& row, int column) {
    return StoredAmount{.objects = 1, .bytes = static_cast<std::uint64_t>(row.integer(column))};
  };
  sqlite3* db = state_->db.get();
  Statement own =
      TRY(Statement::prepare(db, "SELECT archived, size, class FROM files WHERE object IS NULL"));
  while (TRY(own.step())) amount(own, 0) += size(own, 1);

  const RoomForASorter room(db);
  Statement named = TRY(Statement::prepare(db, kNamedObjects));
  Statement of_path = TRY(Statement::prepare(
      db,
      "SELECT archived, size, class FROM files WHERE file_path = substr(?1, length('library') + 1) "
      "AND object IS NULL AND ?1 = 'library' || file_path"));
  while (TRY(named.step())) {
    of_path.bind(1, named.text(0));
    const bool counted = TRY(of_path.step());
    const bool is_better = counted && named.integer(1) < of_path.integer(0);
    if (is_better) amount(of_path, 0) -= size(of_path, 1);
    if (is_better || !counted) amount(named, 1) += size(named, 2);
    of_path.reset();
  }
  return totals;
}

Result<> Manifest::pack(const std::string& file)
{
  if (state_->checksums_indexed || state_->sha1_indexed) {
    state_->forget_statements();
    TRY(state_->begin_group());
    TRY(execute(
        state_->db.get(),
        "DROP INDEX IF EXISTS files_by_checksum; DROP INDEX IF EXISTS history_by_checksum;DROP "
        "INDEX IF EXISTS files_by_sha1; DROP INDEX IF EXISTS history_by_sha1",
        "manifest"));
    state_->checksums_indexed = false;
    state_->sha1_indexed = false;
  }
  TRY(commit());
  state_->forget_contents();
  TRY(set_cache(state_->db.get(), kCacheOfACopyKiB));
  {
    Statement vacuum = TRY(Statement::prepare(state_->db.get(), "VACUUM INTO ?1"));
    vacuum.bind(1, file);
    TRY(vacuum.run());
  }
  TRY(set_cache(state_->db.get(), kCacheKiB));
  const Database packed = TRY(open_database(file, SQLITE_OPEN_READONLY, "packed manifest"));
  Statement check = TRY(Statement::prepare(packed.get(), "PRAGMA integrity_check(1)"));
  if (!TRY(check.step()) || check.text(0) != "ok") {
    return fail(Errc::corrupt, "packed manifest: " + std::string(check.text(0)),
                "The temporary folder's disk or this machine's memory may be failing.");
  }
  return {};
}

}  // namespace ib
