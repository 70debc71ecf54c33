// SPDX-License-Identifier: Apache-2.0
#include "manifest/manifest.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"
#include "manifest/cursors.hpp"
#include "manifest/record_row.hpp"
#include "manifest/sql.hpp"
#include "manifest/working_copy.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace ib {
namespace {

bool is_name(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Result<PathState> state_of(const Statement& row)
{
  constexpr int kSince = 10, kUntil = 13;
  PathState state{.record = TRY(read_record(row)), .placed = row.is_null(kSince)};
  if (!state.placed) state.since = run_of(row, kSince);
  if (!row.is_null(kUntil)) state.until = run_of(row, kUntil);
  return state;
}

/// In the order of generations, and within one as people saw them; at last what is placed.
void sort_states(std::vector<PathState>& states)
{
  const auto key = [](const RecordingRun& run) {
    return std::tuple(run.generation, run.started, run.run);
  };
  std::ranges::sort(states, [&](const PathState& a, const PathState& b) {
    if (a.placed != b.placed) return b.placed;
    if (a.since != b.since) return key(a.since) < key(b.since);
    if (a.until.has_value() != b.until.has_value()) return a.until.has_value();
    if (a.until != b.until) return key(*a.until) < key(*b.until);
    return a.record.content.sha256 < b.record.content.sha256;
  });
}

/// A state, and whether the path was gone after it.
struct ReadState {
  PathState state;
  bool then_gone = false;
};

/// In their order, with the times in between at which the path was gone.
std::vector<PathState> with_absences(std::vector<ReadState> read)
{
  std::vector<PathState> states;
  for (ReadState& each : read) states.push_back(each.state);
  sort_states(states);
  const auto next_after = [&](const RecordingRun& run) {
    return std::ranges::find_if(states, [&](const PathState& state) {
      return !state.placed && state.since.generation >= run.generation && !state.is_aside();
    });
  };
  std::vector<PathState> absences;
  for (const ReadState& each : read) {
    if (!each.then_gone || !each.state.until) continue;
    const auto next = next_after(*each.state.until);
    if (next == states.end() || next->since == *each.state.until) continue;
    PathState absence{
        .record = each.state.record, .since = *each.state.until, .until = next->since};
    absence.record.archived = true;
    absences.push_back(std::move(absence));
  }
  if (absences.empty()) return states;
  std::ranges::move(absences, std::back_inserter(states));
  sort_states(states);
  return states;
}

/// Paths with their states, out of rows that are sorted by path.
std::unique_ptr<PathStatesCursor> states_by_path(Statement statement)
{
  const auto read = [ahead = std::optional<ReadState>(), at_end = false](
                        Statement& row) mutable -> Result<std::optional<std::vector<PathState>>> {
    constexpr int kThenGone = 16;
    std::vector<ReadState> states;
    if (ahead) states.push_back(*std::exchange(ahead, std::nullopt));
    while (!at_end) {
      at_end = !TRY(row.step());
      if (at_end) break;
      ReadState read_state{.state = TRY(state_of(row)), .then_gone = row.integer(kThenGone) != 0};
      const PathState& state = read_state.state;
      if (!states.empty() && state.record.path < states.front().state.record.path)
        return out_of_order(state.record.path);
      if (!states.empty() && state.record.path != states.front().state.record.path) {
        ahead = std::move(read_state);
        break;
      }
      states.push_back(std::move(read_state));
    }
    if (states.empty()) return std::nullopt;
    return with_absences(std::move(states));
  };
  return make_cursor<PathStatesCursor>(std::move(statement), read);
}

Result<std::optional<StoredContent>> read_stored_content(Statement& row)
{
  if (!TRY(row.step())) return std::nullopt;
  const bool has_name = row.is_text(0);
  StoredContent stored{
      .name = {std::string(row.text(0))}, .content = {}, .path = std::string(row.text(1))};
  if (!has_name)
    return fail(Errc::corrupt, "manifest: " + printable(stored.path) + ": a name is no text");
  stored.content =
      TRY(content_of(row, {.checksum = 2, .size = 3, .sha1 = 4, .crc32c = 5}, stored.path));
  if (!row.is_null(6)) stored.storage_class = class_of(row.integer(6));
  stored.object_size = stored.content.size;
  if (stored.content.has_crc32c) stored.object_crc32c = stored.content.crc32c;
  if (row.is_null(7)) return stored;
  if (row.integer(7) < 0)
    return fail(Errc::corrupt, "manifest: " + printable(stored.path) + ": the size is negative");
  stored.object_size = static_cast<std::uint64_t>(row.integer(7));
  stored.object_crc32c = crc_of(row.integer(8));
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
  TRY(distrust(db, name));
  // The working copy is private and thrown away: durability is the packed copy's business, in the
  // store. What would let memory grow with the number of rows is off: the rollback journal lies in
  // a file, as the pages of all rows that a template change moves are in it, and so do the
  // statements' own, which follow it. Debian's SQLite overwrites what is deleted unless told
  // otherwise, and journals each page for that: dropping an index then costs as much as the index
  // is large.
  TRY(execute(
      db,
      "PRAGMA synchronous = OFF; PRAGMA journal_mode = TRUNCATE; PRAGMA secure_delete = OFF;"
      "PRAGMA temp_store = FILE;"
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

// Its states are named by seconds.
constexpr std::string_view kVersionWithSeconds = "3.0";

/// The words of a statement, without its comments.
std::string words_of(std::string_view sql)
{
  std::string words;
  bool apart = false;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    const char c = sql[at];
    if (c == '-' && sql.substr(at).starts_with("--")) {
      at = std::min(sql.find('\n', at), sql.size());
      apart = true;
    } else if (c == ' ' || c == '\n') {
      apart = true;
    } else {
      const bool between_names = !words.empty() && is_name(words.back()) && is_name(c);
      if (std::exchange(apart, false) && between_names) words += ' ';
      words += c;
    }
  }
  return words;
}

/// The statements that make the tables and views of a manifest.
std::set<std::string> our_schema(std::string_view version)
{
  std::set<std::string> schema;
  std::string_view rest = version == kVersionWithSeconds ? sql::kSchemaOfVersion3 : sql::kSchema;
  while (!rest.empty()) {
    const std::size_t end = rest.find(";\n");
    std::string entry = words_of(rest.substr(0, end));
    if (entry.ends_with(';')) entry.pop_back();  // the last one
    if (!entry.empty()) schema.insert(std::move(entry));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
  }
  return schema;
}

/// A trigger, a view or a default of a stranger's would do with our rows what he wants.
Result<> require_our_schema(const WorkingCopy& copy, std::string_view name,
                            std::string_view version)
{
  std::set<std::string> lacking = our_schema(version);
  Statement entries = TRY(copy.prepare("SELECT type, name, sql FROM sqlite_schema"));
  while (TRY(entries.step())) {
    // SQLite makes the indexes of primary keys.
    if (entries.is_null(2) && entries.text(0) == "index") continue;
    if (lacking.erase(words_of(entries.text(2))) == 1) continue;
    return fail(Errc::corrupt,
                std::string(name) + ": its " + printable(entries.text(0)) + " " +
                    printable(entries.text(1)) + " is none that this program makes",
                "Find out who put it there.");
  }
  if (lacking.empty()) return {};
  return fail(Errc::corrupt, std::string(name) + ": is no manifest");
}

/// In its own file: the tables of version 3.0 become those of this version.
Result<> take_over_version3(WorkingCopy& copy, std::string_view name)
{
  sqlite3* db = copy.db.get();
  TRY(execute(db, sql::kSetVersion3Aside, name));
  {
    Statement odd = TRY(copy.prepare(sql::kOddInVersion3));
    if (TRY(odd.step()))
      return fail(Errc::corrupt, std::string(name) + ": " + printable(odd.text(0)) +
                                     ": neither is there nor is archived");
  }
  TRY(execute(db, sql::kSchema, name));
  const RoomForASorter room(db);
  return execute(db, sql::kTakeOverVersion3, name);
}

}  // namespace

Manifest::Manifest(std::unique_ptr<WorkingCopy> copy) : copy_(std::move(copy)) {}
Manifest::Manifest(Manifest&&) noexcept = default;
Manifest& Manifest::operator=(Manifest&&) noexcept = default;
Manifest::~Manifest() = default;

Result<Manifest> Manifest::create(const std::string& file, PageSize pages)
{
  auto copy = std::make_unique<WorkingCopy>(WorkingCopy{
      .file = file,
      .db = TRY(open_database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "manifest"))});
  TRY(execute(
      copy->db.get(),
      pages == PageSize::for_few_rows ? "PRAGMA page_size = 1024" : "PRAGMA page_size = 16384",
      "manifest"));
  TRY(configure(copy->db.get(), "manifest"));
  TRY(execute(copy->db.get(), sql::kSchema, "manifest"));
  TRY(execute(copy->db.get(), sql::kViews, "manifest"));
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
    Statement tables = TRY(copy->prepare(sql::kHasMetadata));
    if (!TRY(tables.step()) || tables.integer(0) != 1)
      return fail(Errc::corrupt, std::string(name) + ": is no manifest");
  }
  Manifest manifest(std::move(copy));
  const std::string version = TRY(manifest.metadata("version")).value_or("none");
  if (version != kVersionWithSeconds && version != kManifestVersion) {
    return fail(Errc::invalid,
                std::string(name) + ": manifest version " + printable(version) +
                    ", but this program reads " + std::string(kManifestVersion) + " and " +
                    std::string(kVersionWithSeconds),
                "Nothing was changed. Use the version of immich-backup that wrote it, or store "
                "into an empty place.");
  }
  WorkingCopy& opened = manifest.working_copy();
  TRY(require_our_schema(opened, name, version));
  if (version == kVersionWithSeconds) {
    opened.statements.clear();
    TRY(take_over_version3(opened, name));
    TRY(manifest.set_metadata("version", kManifestVersion));
    TRY(manifest.commit());
    opened.is_rewritten = true;
  }
  TRY(execute(opened.db.get(), sql::kViews, name));
  return manifest;
}

Result<std::unique_ptr<RecordCursor>> Manifest::records() const
{
  return make_sorted_record_cursor(TRY(copy_->prepare(sql::kRecords)));
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

Result<> Manifest::begin_run(const RecordingRun& run)
{
  TRY(copy_->begin_group());
  {
    const auto begin = TRY(copy_->use(sql::kBeginRun));
    begin->bind(1, static_cast<std::int64_t>(run.generation));
    begin->bind(2, run.run);
    begin->bind(3, run.started.time_since_epoch().count());
    TRY(begin->run());
  }
  const auto number = TRY(copy_->use(sql::kRunNumber));
  number->bind(1, run.run);
  TRY(number->step());
  copy_->run_number = number->integer(0);
  // SQLite counts on from the greatest number that there is. Runs are numbered from 1.
  if (copy_->run_number < 1)
    return fail(Errc::corrupt, "manifest: its runs have numbers that no run has had");
  return {};
}

Result<> Manifest::commit_run(std::uint64_t generation)
{
  IB_ASSERT(copy_->run_number != 0);
  TRY(copy_->begin_group());
  const auto commit = TRY(copy_->use(sql::kCommitRun));
  commit->bind(1, copy_->run_number);
  commit->bind(2, static_cast<std::int64_t>(generation));
  return commit->run();
}

Result<RecordingRun> Manifest::committed_by() const
{
  const auto row = TRY(copy_->use(sql::kCommittedBy));
  if (!TRY(row->step())) return RecordingRun{};
  RecordingRun run = run_of(*row, 0);
  if (row->integer(3) == 0) run.run.clear();  // a second of version 3.0 is no run's name
  return run;
}

Result<std::int64_t> Manifest::number_of(const FileRecord& record)
{
  const std::optional<std::int64_t> known = TRY(known_number(record));
  TRY(copy_->begin_group());
  const bool is_new = !known;
  const auto row = TRY(copy_->use(is_new ? sql::kAddContent : sql::kContentAgain));
  bind_content(*row, record);
  if (known) row->bind(1, *known);
  bind_class(*row, 9, record.storage_class);
  bind_object(*row, 10, record);
  TRY(row->run());
  const std::int64_t number = is_new ? sqlite3_last_insert_rowid(copy_->db.get()) : *known;
  if (record.encrypted) TRY(note_encrypted(number, *record.encrypted));
  return number;
}

Result<> Manifest::note_encrypted(std::int64_t content, const EncryptedObject& object)
{
  {
    const auto row = TRY(copy_->use(sql::kAddRecipients));
    row->bind(1, object.recipients);
    TRY(row->run());
  }
  const auto row = TRY(copy_->use(sql::kAddEncrypted));
  row->bind(1, content);
  bind_encrypted(*row, 2, object);
  row->bind(4, object.recipients);
  return row->run();
}

Result<std::vector<RecipientSet>> Manifest::recipients() const
{
  std::vector<RecipientSet> sets;
  const auto row = TRY(copy_->use(sql::kRecipients));
  while (TRY(row->step())) {
    RecipientSet set{.objects = static_cast<std::uint64_t>(row->integer(1))};
    if (set.objects == 0) continue;  // none of the objects is left
    std::string_view keys = row->text(0);
    while (!keys.empty()) {
      const std::size_t end = std::min(keys.find('\n'), keys.size());
      set.keys.emplace_back(keys.substr(0, end));
      keys.remove_prefix(std::min(end + 1, keys.size()));
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

Result<std::optional<std::int64_t>> Manifest::known_number(const FileRecord& record)
{
  const std::string name = record.object_name().value;
  {
    const auto of_path = TRY(copy_->use(sql::kContentOfPath));
    of_path->bind(1, record.path);
    of_path->bind(2, ByteView(record.content.sha256.bytes));
    of_path->bind(3, name);
    if (TRY(of_path->step())) return of_path->integer(0);
  }
  return TRY(contents())->number_of(record);
}

Result<> Manifest::record(const FileRecord& record)
{
  IB_ASSERT(copy_->run_number != 0);
  const std::optional<FileRecord> before = TRY(find(record.path));
  const std::int64_t number = TRY(number_of(record));
  TRY(copy_->begin_group());
  const bool is_new_state = !before || differs(*before, record);
  FileRecord left = record;  // what a path is in that has only gone
  left.archived = false;
  if (before && is_new_state && record.archived && !differs(*before, left)) {
    const auto row = TRY(copy_->use(sql::kRecordGone));
    row->bind(1, record.path);
    row->bind(2, copy_->run_number);
    bind_mtime_of(*row, 3, record);
    row->bind(4, trust_of(record));
    TRY(row->run());
  } else if (is_new_state) {
    if (before) {
      const auto to_past = TRY(copy_->use(sql::kRowToPast));
      to_past->bind(1, record.path);
      to_past->bind(2, copy_->run_number);
      TRY(to_past->run());
    }
    const auto row = TRY(copy_->use(sql::kRecordState));
    row->bind(1, record.path);
    row->bind(2, number);
    row->bind(3, copy_->run_number);
    row->bind_null(4);
    if (record.archived) row->bind(4, copy_->run_number);
    bind_mtime_of(*row, 5, record);
    row->bind(6, trust_of(record));
    TRY(row->run());
  } else {
    const auto row = TRY(copy_->use(sql::kRecordAgain));
    row->bind(1, record.path);
    bind_mtime_of(*row, 2, record);
    row->bind(3, trust_of(record));
    TRY(row->run());
  }
  if (copy_->contents) TRY(copy_->contents->add(record, number));
  ++copy_->revision;
  return {};
}

Result<> Manifest::update_mtime(std::string_view path, std::int64_t mtime_ns, bool recheck)
{
  TRY(copy_->begin_group());
  const auto row = TRY(copy_->use(sql::kUpdateMtime));
  row->bind(1, path);
  bind_mtime(*row, 2, mtime_ns);
  row->bind(3, std::int64_t{recheck});
  TRY(row->run());
  ++copy_->revision;
  return {};
}

Result<> Manifest::record_aside(const FileRecord& aside)
{
  IB_ASSERT(copy_->run_number != 0);
  const std::int64_t number = TRY(number_of(aside));
  TRY(copy_->begin_group());
  const auto keep = TRY(copy_->use(sql::kRecordAside));
  keep->bind(1, aside.path);
  keep->bind(2, number);
  keep->bind(3, copy_->run_number);
  bind_mtime_of(*keep, 4, aside);
  TRY(keep->run());
  if (copy_->contents) TRY(copy_->contents->add(aside, number));
  ++copy_->revision;
  return {};
}

Result<> Manifest::record_unwanted(const FileRecord& unwanted)
{
  TRY(record_aside(unwanted));
  const auto mark = TRY(copy_->use(sql::kMarkSuspect));
  mark->bind(1, unwanted.path);
  mark->bind(2, kSuspect);
  bind_mtime(*mark, 3, unwanted.mtime_ns);
  return mark->run();
}

Result<std::uint64_t> Manifest::forget_object(const ObjectName& name)
{
  TRY(copy_->begin_group());
  TRY(execute(copy_->db.get(), sql::kBeginForgetting, "manifest"));
  {
    const auto find = TRY(copy_->use(sql::kFindForgotten));
    find->bind(1, name.value);
    TRY(find->run());
  }
  std::uint64_t dropped = 0;
  for (const std::string_view sql : {sql::kForgetPaths, sql::kForgetPast, sql::kForgetPlacements}) {
    TRY(TRY(copy_->use(sql))->run());
    dropped += static_cast<std::uint64_t>(sqlite3_changes64(copy_->db.get()));
  }
  for (const std::string_view sql : {sql::kForgetEncrypted, sql::kForgetContents})
    TRY(TRY(copy_->use(sql))->run());
  if (dropped > 0) TRY(copy_->note_dropped());
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
  return revision() > 0;
}

std::uint64_t Manifest::revision() const
{
  return copy_->revision;
}

void Manifest::write_anew()
{
  ++copy_->revision;
  copy_->is_rewritten = true;
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
