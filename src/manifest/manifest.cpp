// SPDX-License-Identifier: Apache-2.0
#include "manifest/manifest.hpp"

#include "base/text.hpp"
#include "manifest/cursors.hpp"
#include "manifest/record_row.hpp"
#include "manifest/sql.hpp"
#include "manifest/working_copy.hpp"

#include <limits>
#include <utility>

namespace ib {
namespace {

/// The files of one instant. Intervals of merged heads may overlap: a path's newest state comes
/// first and is the one that counts.
std::unique_ptr<RecordCursor> first_of_each_path(Statement statement)
{
  const auto read =
      [last_path = std::string()](Statement& row) mutable -> Result<std::optional<FileRecord>> {
    while (TRY(row.step())) {
      if (row.text(0) == last_path) continue;
      FileRecord record = TRY(read_record(row));
      last_path = record.path;
      return record;
    }
    return std::nullopt;
  };
  return make_cursor<RecordCursor>(std::move(statement), read);
}

Result<PathState> state_of(const Statement& row)
{
  PathState state;
  state.record = TRY(read_record(row));
  if (row.integer(11) != std::numeric_limits<std::int64_t>::max())
    state.until = Timestamp(std::chrono::seconds(row.integer(11)));
  return state;
}

/// Paths with their states, out of rows in this order.
std::unique_ptr<PathStatesCursor> states_by_path(Statement statement)
{
  const auto read = [ahead = std::optional<PathState>(), at_end = false](
                        Statement& row) mutable -> Result<std::optional<std::vector<PathState>>> {
    std::vector<PathState> states;
    if (ahead) states.push_back(*std::exchange(ahead, std::nullopt));
    while (!at_end) {
      at_end = !TRY(row.step());
      if (at_end) break;
      PathState state = TRY(state_of(row));
      if (!states.empty() && state.record.path != states.front().record.path) {
        ahead = std::move(state);
        return states;
      }
      states.push_back(std::move(state));
    }
    if (states.empty()) return std::nullopt;
    return states;
  };
  return make_cursor<PathStatesCursor>(std::move(statement), read);
}

Result<std::optional<StoredContent>> read_stored_content(Statement& row)
{
  if (!TRY(row.step())) return std::nullopt;
  StoredContent stored{
      .name = {std::string(row.text(0))}, .content = {}, .path = std::string(row.text(1))};
  stored.content =
      TRY(content_of(row, {.checksum = 2, .size = 3, .sha1 = 4, .crc32c = 5}, stored.path));
  if (!row.is_null(6)) stored.storage_class = class_of(row.integer(6));
  return stored;
}

/// Whether a row says something else than before that a restore of an earlier time would have to
/// know. That a content is known in whole now is nothing else.
bool differs(const FileRecord& before, const FileRecord& now)
{
  return !before.content.agrees_with(now.content) || before.archived != now.archived ||
         before.object_name() != now.object_name();
}

Result<> configure(sqlite3* db, std::string_view name)
{
  // The working copy is private and thrown away: durability is the packed copy's business, in the
  // store. What would let memory grow with the number of rows is off: the rollback journal lies in
  // a file, as the pages of all rows that a template change moves are in it, and so do the
  // statements' own, which follow it. Debian's SQLite overwrites what is deleted unless told
  // otherwise, and journals each page for that: dropping an index then costs as much as the index
  // is large.
  TRY(execute(
      db,
      "PRAGMA synchronous = OFF; PRAGMA journal_mode = TRUNCATE; PRAGMA secure_delete = OFF;"
      "PRAGMA temp_store = FILE; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
      "PRAGMA schema_version",  // reads the file, and with it how large its pages are
      name));
  return set_cache(db, kCacheKiB);
}

Result<> require_healthy(const WorkingCopy& copy, std::string_view name)
{
  Statement check = TRY(copy.prepare("PRAGMA quick_check(1)"));
  if (TRY(check.step()) && check.text(0) == "ok") return {};
  return fail(Errc::corrupt,
              std::string(name) + ": SQLite finds it damaged: " + std::string(check.text(0)));
}

}  // namespace

Manifest::Manifest(std::unique_ptr<WorkingCopy> copy) : copy_(std::move(copy)) {}
Manifest::Manifest(Manifest&&) noexcept = default;
Manifest& Manifest::operator=(Manifest&&) noexcept = default;
Manifest::~Manifest() = default;

Result<Manifest> Manifest::create(const std::string& file)
{
  auto copy = std::make_unique<WorkingCopy>(WorkingCopy{
      .file = file,
      .db = TRY(open_database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "manifest"))});
  // Rows of about 180 bytes waste less of larger pages.
  TRY(execute(copy->db.get(), "PRAGMA page_size = 16384", "manifest"));
  TRY(configure(copy->db.get(), "manifest"));
  TRY(execute(copy->db.get(), sql::kSchema, "manifest"));
  Manifest manifest(std::move(copy));
  TRY(manifest.set_metadata("version", kManifestVersion));
  return manifest;
}

Result<Manifest> Manifest::open(const std::string& file, std::string_view name, Known known)
{
  // The second call would make a missing file.
  static_cast<void>(TRY(open_database(file, SQLITE_OPEN_READONLY, name)));
  auto copy = std::make_unique<WorkingCopy>(WorkingCopy{
      .file = file,
      .db = TRY(open_database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, name))});
  TRY(configure(copy->db.get(), name));
  if (known == Known::nothing) TRY(require_healthy(*copy, name));
  {
    Statement tables = TRY(copy->prepare(sql::kHasTables));
    if (!TRY(tables.step()) || tables.integer(0) != 2)
      return fail(Errc::corrupt, std::string(name) + ": is no manifest");
  }
  Manifest manifest(std::move(copy));
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
  return make_record_cursor(TRY(copy_->prepare(sql::kRecords)));
}

Result<std::unique_ptr<RecordCursor>> Manifest::records_at(Timestamp at) const
{
  Statement statement = TRY(copy_->prepare(sql::kRecordsAt));
  statement.bind(1, seconds_of(at));
  return first_of_each_path(std::move(statement));
}

Result<std::optional<FileRecord>> Manifest::find_at(std::string_view path, Timestamp at) const
{
  const auto row = TRY(copy_->use(sql::kRecordAt));
  row->bind(1, path);
  row->bind(2, seconds_of(at));
  return read_first_record(*row);
}

Result<std::optional<FileRecord>> Manifest::find(std::string_view path) const
{
  const auto row = TRY(copy_->use(sql::kRecord));
  row->bind(1, path);
  return read_first_record(*row);
}

Result<std::optional<FileRecord>> Manifest::find_sha1(const Sha1& sha1)
{
  if (!std::exchange(copy_->sha1_indexed, true)) {
    TRY(copy_->begin_group());
    TRY(execute(copy_->db.get(), sql::kIndexSha1, "manifest"));
  }
  for (const std::string_view sql : {sql::kFileWithSha1, sql::kPastWithSha1}) {
    const auto row = TRY(copy_->use(sql));
    row->bind(1, ByteView(sha1.bytes));
    if (std::optional<FileRecord> record = TRY(read_first_record(*row))) return record;
  }
  return std::nullopt;
}

Result<std::unique_ptr<PathStatesCursor>> Manifest::histories() const
{
  return states_by_path(TRY(copy_->prepare(sql::kStates)));
}

Result<std::vector<PathState>> Manifest::history(std::string_view path) const
{
  Statement statement = TRY(copy_->prepare(sql::kStatesOfPath));
  statement.bind(1, path);
  return TRY(states_by_path(std::move(statement))->next()).value_or(std::vector<PathState>());
}

Result<std::unique_ptr<PathStatesCursor>> Manifest::states_with(const Sha256& sha256) const
{
  Statement statement = TRY(copy_->prepare(sql::kStatesWithSha256));
  statement.bind(1, ByteView(sha256.bytes));
  return states_by_path(std::move(statement));
}

Result<std::unique_ptr<PathStatesCursor>> Manifest::states_with(const Sha1& sha1) const
{
  Statement statement = TRY(copy_->prepare(sql::kStatesWithSha1));
  statement.bind(1, ByteView(sha1.bytes));
  return states_by_path(std::move(statement));
}

Result<> Manifest::index_checksums()
{
  if (std::exchange(copy_->checksums_indexed, true)) return {};
  TRY(copy_->begin_group());
  return execute(copy_->db.get(), sql::kIndexChecksums, "manifest");
}

Result<std::unique_ptr<StoredContentCursor>> Manifest::stored_contents() const
{
  return make_cursor<StoredContentCursor>(TRY(copy_->prepare(sql::kStoredContents)),
                                          read_stored_content);
}

Result<ContentIndex*> Manifest::contents()
{
  if (!copy_->contents) {
    TRY(commit());  // SQLite attaches nothing within a transaction
    const auto plan = copy_->has_plan ? ContentIndex::Plan::present : ContentIndex::Plan::absent;
    copy_->contents.emplace(
        TRY(ContentIndex::build(copy_->db.get(), copy_->file + ".contents", plan)));
  }
  return &*copy_->contents;
}

Result<> Manifest::record(const FileRecord& record)
{
  TRY(copy_->begin_group());
  const std::optional<FileRecord> before = TRY(find(record.path));
  Timestamp since = record.since;
  if (before && differs(*before, record)) {
    const auto to_history = TRY(copy_->use(sql::kRowToHistory));
    to_history->bind(1, record.path);
    to_history->bind(2, seconds_of(record.since));
    TRY(to_history->run());
  } else if (before) {
    since = before->since;
  }
  const auto row = TRY(copy_->use(sql::kRecordRow));
  bind_content(*row, record);
  row->bind(8, trust_of(record));
  row->bind(9, seconds_of(since));
  bind_class(*row, 10, record.storage_class);
  if (record.object && record.object->value != "library" + record.path) {
    row->bind(11, record.object->value);
  } else {
    row->bind_null(11);
  }
  TRY(row->run());
  if (copy_->contents) TRY(copy_->contents->add(record));
  TRY(copy_->remember_change(record.path));
  copy_->changed = true;
  return {};
}

Result<> Manifest::update_mtime(std::string_view path, std::int64_t mtime_ns, bool recheck)
{
  TRY(copy_->begin_group());
  const auto row = TRY(copy_->use(sql::kUpdateMtime));
  row->bind(1, path);
  row->bind(2, mtime_ns);
  row->bind(3, std::int64_t{recheck});
  TRY(row->run());
  TRY(copy_->remember_change(path));
  copy_->changed = true;
  return {};
}

Result<> Manifest::record_aside(const FileRecord& aside)
{
  TRY(copy_->begin_group());
  const auto keep = TRY(copy_->use(sql::kRecordAside));
  bind_content(*keep, aside);
  keep->bind(8, seconds_of(aside.since));
  bind_class(*keep, 9, aside.storage_class);
  keep->bind(10, aside.object_name().value);
  TRY(keep->run());
  if (copy_->contents) TRY(copy_->contents->add(aside));
  TRY(copy_->remember_change(aside.path));
  copy_->changed = true;
  return {};
}

Result<> Manifest::record_unwanted(const FileRecord& unwanted)
{
  TRY(record_aside(unwanted));
  const auto mark = TRY(copy_->use(sql::kMarkSuspect));
  mark->bind(1, unwanted.path);
  mark->bind(2, kSuspect);
  mark->bind(3, unwanted.mtime_ns);
  return mark->run();
}

Result<std::uint64_t> Manifest::forget_object(const ObjectName& name)
{
  TRY(copy_->begin_group());
  std::uint64_t dropped = 0;
  for (const std::string_view sql : {sql::kForgetInFiles, sql::kForgetInHistory}) {
    const auto statement = TRY(copy_->use(sql));
    statement->bind(1, name.value);
    TRY(statement->run());
    dropped += static_cast<std::uint64_t>(sqlite3_changes64(copy_->db.get()));
  }
  if (dropped > 0) copy_->changed = true;
  if (copy_->contents) {
    TRY(commit());  // SQLite detaches nothing within a transaction
    copy_->contents.reset();
  }
  return dropped;
}

Result<> Manifest::commit()
{
  return copy_->commit();
}

const std::string& Manifest::file() const
{
  return copy_->file;
}

bool Manifest::changed() const
{
  return copy_->changed;
}

void Manifest::write_anew()
{
  copy_->changed = true;
}

Result<std::optional<std::string>> Manifest::metadata(std::string_view key) const
{
  const auto row = TRY(copy_->use(sql::kMetadata));
  row->bind(1, key);
  if (!TRY(row->step())) return std::nullopt;
  return std::string(row->text(0));
}

Result<> Manifest::set_metadata(std::string_view key, std::string_view value)
{
  TRY(copy_->begin_group());
  const auto row = TRY(copy_->use(sql::kSetMetadata));
  row->bind(1, key);
  row->bind(2, value);
  return row->run();
}

}  // namespace ib
