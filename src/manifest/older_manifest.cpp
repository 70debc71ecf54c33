// SPDX-License-Identifier: Apache-2.0
#include "manifest/older_manifest.hpp"

#include "base/text.hpp"
#include "core/records/file_record.hpp"
#include "manifest/sqlite.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace ib {
namespace {

constexpr std::string_view kOlderVersion = "2.0";
constexpr std::size_t kExamples = 20;
constexpr std::string_view kChecksumPrefix = "sha256:";

/// "2026-01-15T03:00:00", with or without a fraction or a zone, or with a blank for the T; in UTC.
std::optional<Timestamp> lenient_time(std::string_view text)
{
  if (text.size() < 19) return std::nullopt;
  std::string time(text.substr(0, 19));
  if (time[10] == ' ') time[10] = 'T';
  const Result<Timestamp> parsed = parse_timestamp(time);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

Result<std::optional<std::string>> metadata_of(sqlite3* db, std::string_view key)
{
  Statement statement =
      TRY(Statement::prepare(db, "SELECT value FROM old.manifest_metadata WHERE key = ?1"));
  statement.bind(1, key);
  if (!TRY(statement.step()) || statement.is_null(0)) return std::nullopt;
  return std::string(statement.text(0));
}

}  // namespace

Result<PathMapping> PathMapping::parse(std::string_view text)
{
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 ||
      !text.substr(equals + 1).starts_with('/')) {
    return fail(Errc::invalid,
                "--map-prefix " + printable(std::string(text)) + ": is not of the form OLD=NEW",
                "OLD is how the recorded paths begin, NEW how they begin below the media root, "
                "with a slash in front: --map-prefix /data/=/");
  }
  return PathMapping{.from = std::string(text.substr(0, equals)),
                     .to = std::string(text.substr(equals + 1))};
}

std::string mapped_path(std::string_view recorded, const std::vector<PathMapping>& mappings)
{
  for (const PathMapping& mapping : mappings) {
    if (recorded.starts_with(mapping.from))
      return mapping.to + std::string(recorded.substr(mapping.from.size()));
  }
  return (recorded.starts_with('/') ? "" : "/") + std::string(recorded);
}

struct OlderManifest::State {
  Database db;  // an empty one in memory, to which the older manifest and what the store lists are
                // attached
  std::vector<PathMapping> mappings;
  std::optional<Statement> add, find;

  ~State()
  {
    add.reset();
    find.reset();
  }

  struct Listed {
    std::uint64_t size = 0;
    std::optional<Crc32c> crc32c;
    std::optional<StorageClass> storage_class;
  };

  Result<std::optional<Listed>> listed(const std::string& object)
  {
    if (!find)
      find = TRY(Statement::prepare(
          db.get(), "SELECT size, crc32c, class FROM store.objects WHERE name = ?1"));
    find->bind(1, object);
    if (!TRY(find->step())) return std::nullopt;
    Listed found{.size = static_cast<std::uint64_t>(find->integer(0)),
                 .crc32c = std::nullopt,
                 .storage_class = std::nullopt};
    if (!find->is_null(1)) found.crc32c = Crc32c{static_cast<std::uint32_t>(find->integer(1))};
    if (!find->is_null(2)) found.storage_class = static_cast<StorageClass>(find->integer(2));
    find->reset();
    return found;
  }

  /// One row, or why it is dropped.
  Result<std::variant<FileRecord, TakenOver::Reason>> take(const Statement& row)
  {
    const std::string recorded(row.text(0));
    const std::string_view checksum = row.text(1);
    FileRecord record{
        .path = mapped_path(recorded, mappings), .archived = row.integer(3) != 0, .recheck = true};
    const Result<Sha256> sha256 = Sha256::parse(
        checksum.starts_with(kChecksumPrefix) ? checksum.substr(kChecksumPrefix.size()) : "none");
    if (recorded.empty() || !sha256 || row.is_null(2) || row.integer(2) < 0)
      return TakenOver::Reason::unreadable;
    record.content = {.sha256 = *sha256, .size = static_cast<std::uint64_t>(row.integer(2))};
    record.content.has_sha1 = record.content.has_crc32c = false;
    // The predecessor named objects after its own paths; what was mapped may have been moved along.
    std::vector<std::string> names{"library" + mapped_path(recorded, {})};
    if ("library" + record.path != names.front()) names.push_back("library" + record.path);
    TakenOver::Reason reason = TakenOver::Reason::object_missing;
    for (const std::string& name : names) {
      const std::optional<Listed> there = TRY(listed(name));
      if (!there) continue;
      if (there->size != record.content.size) {
        reason = TakenOver::Reason::other_size;
        continue;
      }
      if (there->crc32c) {
        record.content.crc32c = *there->crc32c;
        record.content.has_crc32c = true;
      }
      record.storage_class = there->storage_class;
      record.object = ObjectName{name};
      return record;
    }
    return reason;
  }
};

OlderManifest::OlderManifest(std::unique_ptr<State> state) : state_(std::move(state)) {}
OlderManifest::OlderManifest(OlderManifest&&) noexcept = default;
OlderManifest::~OlderManifest() = default;

Result<bool> OlderManifest::is_one(const std::string& file)
{
  const Database db = TRY(open_database(file, SQLITE_OPEN_READONLY, "manifest"));
  TRY(distrust(db.get(), "manifest"));
  Result<Statement> version =
      Statement::prepare(db.get(), "SELECT value FROM manifest_metadata WHERE key = 'version'");
  if (!version) return false;
  const Result<bool> there = version->step();
  return there && *there && version->text(0) == kOlderVersion;
}

Result<OlderManifest> OlderManifest::open(const std::string& file, std::string_view name,
                                          std::vector<PathMapping> mappings)
{
  auto state = std::make_unique<State>();
  state->mappings = std::move(mappings);
  {
    // Nothing says what its bytes were when it was stored.
    const Database old = TRY(open_database(file, SQLITE_OPEN_READONLY, name));
    TRY(distrust(old.get(), name));
    Statement check = TRY(Statement::prepare(old.get(), "PRAGMA quick_check(1)"));
    if (!TRY(check.step()) || check.text(0) != "ok")
      return fail(Errc::corrupt,
                  std::string(name) + ": SQLite finds it damaged: " + std::string(check.text(0)));
  }
  state->db = TRY(open_database(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, name));
  for (const auto& [path, sql] :
       {std::pair(file, "ATTACH ?1 AS old"), std::pair(file + ".objects", "ATTACH ?1 AS store")}) {
    Statement attach = TRY(Statement::prepare(state->db.get(), sql));
    attach.bind(1, path);
    TRY(attach.run());
  }
  TRY(execute(state->db.get(),
              "PRAGMA store.synchronous = OFF; PRAGMA "
              "store.journal_mode = OFF;CREATE TABLE store.objects(name TEXT PRIMARY KEY NOT NULL, "
              "size INTEGER, crc32c INTEGER, class INTEGER) WITHOUT ROWID; BEGIN",
              name));
  TRY(distrust(state->db.get(), name));
  return OlderManifest(std::move(state));
}

Result<> OlderManifest::add_object(const ObjectName& name, std::uint64_t size,
                                   std::optional<Crc32c> crc32c,
                                   std::optional<StorageClass> storage_class)
{
  State& s = *state_;
  if (!s.add)
    s.add = TRY(Statement::prepare(s.db.get(),
                                   "INSERT OR REPLACE INTO store.objects VALUES(?1, ?2, ?3, ?4)"));
  s.add->bind(1, name.value);
  s.add->bind(2, static_cast<std::int64_t>(size));
  s.add->bind_null(3);
  if (crc32c) s.add->bind(3, std::int64_t{crc32c->value});
  s.add->bind_null(4);
  if (storage_class) s.add->bind(4, std::int64_t{std::to_underlying(*storage_class)});
  return s.add->run();
}

Result<TakenOver> OlderManifest::write_into(Manifest& manifest, Timestamp now)
{
  State& s = *state_;
  TakenOver taken;
  Timestamp since = now - std::chrono::seconds(1);
  if (const auto last = TRY(metadata_of(s.db.get(), "last_backup")))
    since = std::min(since, lenient_time(*last).value_or(since));
  // Everything that a store of this version records builds on it.
  TRY(manifest.begin_run({.generation = 0, .run = "version-2.0", .started = since}));
  if (const auto immich = TRY(metadata_of(s.db.get(), "immich_version")))
    TRY(manifest.set_metadata("immich_version", *immich));
  Statement rows = TRY(Statement::prepare(
      s.db.get(), "SELECT file_path, checksum, size, archived FROM old.files ORDER BY file_path"));
  while (TRY(rows.step())) {
    ++taken.rows;
    std::variant<FileRecord, TakenOver::Reason> row = TRY(s.take(rows));
    auto* record = std::get_if<FileRecord>(&row);
    if (record != nullptr && TRY(manifest.find(record->path))) {
      row = TakenOver::Reason::same_path;
      record = nullptr;
    }
    if (record == nullptr) {
      ++taken.dropped;
      if (taken.examples.size() < kExamples)
        taken.examples.push_back(
            {.path = std::string(rows.text(0)), .reason = std::get<TakenOver::Reason>(row)});
      continue;
    }
    if (!record->archived && !taken.a_path) taken.a_path = std::string(rows.text(0));
    TRY(manifest.record(*record));
  }
  TRY(manifest.commit());
  return taken;
}

}  // namespace ib
