// SPDX-License-Identifier: Apache-2.0
#include "app/backup/dump.hpp"

#include "base/text.hpp"
#include "immich/database.hpp"
#include "immich/rebuildable.hpp"
#include "postgres/client_tools.hpp"
#include "postgres/connection.hpp"
#include "postgres/database_settings.hpp"
#include "postgres/dump.hpp"
#include "postgres/restore.hpp"
#include "store/retrier.hpp"
#include "sys/hash.hpp"
#include "sys/parallel_gzip.hpp"
#include "sys/spooled_sink.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace ib {
namespace {

// gzip's default is 6. Level 5 takes two thirds of its processor time for 1 % more bytes
// (bench/database): the dump, and its transaction in the database, are over sooner.
constexpr int kGzipLevel = 5;

constexpr std::uint64_t kWorthTelling = std::uint64_t{1} << 20U;

/// The database knows the version; what IMMICH_VERSION says is for where it does not.
std::string version_to_record(const ImmichFacts& facts, const std::string& hint,
                              std::vector<std::string>& notes)
{
  if (!facts.known_schema) {
    notes.emplace_back(
        "the database's tables are not those of an Immich version that this program knows: it is "
        "dumped all the same");
  }
  const std::string hinted =
      hint.empty() || hint.starts_with('v') || hint < "0" || hint > "9999" ? hint : "v" + hint;
  if (facts.version.empty()) return hinted.empty() ? "unknown" : hinted;
  // "release" and the like name a moving tag, not a version.
  const bool is_version = hinted.size() > 1 && hinted[0] == 'v' && hinted[1] >= '0' &&
                          hinted[1] <= '9' && hinted.contains('.');
  if (is_version && hinted != facts.version) {
    notes.push_back("IMMICH_VERSION says " + hinted + ", the database " + facts.version +
                    ": the database's word counts");
  }
  return facts.version;
}

/// Opens the object under the first free name from `time` on.
Result<std::pair<ObjectName, std::unique_ptr<ObjectWriter>>> create_dump_object(
    ObjectStore& store, Timestamp time, const std::string& version, const std::stop_token& stop)
{
  constexpr int kAttempts = 60;
  for (int attempt = 0;; ++attempt, time += std::chrono::seconds(1)) {
    ObjectName name = store.features().encrypts ? dump_name(time) : dump_name(time, version);
    Result<std::unique_ptr<ObjectWriter>> writer =
        store.create(name, {{"immich-version", version}}, "application/gzip", stop);
    if (writer) return std::pair{std::move(name), std::move(*writer)};
    if (writer.error().code != Errc::precondition_failed || attempt == kAttempts)
      return std::unexpected(std::move(writer).error());
  }
}

/// A database that does not say whose it is can be dumped all the same.
Result<ImmichFacts> facts_or_none(Result<ImmichFacts> read, std::vector<std::string>& notes)
{
  if (read || read.error().code == Errc::cancelled || read.error().code == Errc::unavailable)
    return read;
  notes.push_back("the database does not say which Immich it belongs to: " + read.error().message);
  return ImmichFacts{};
}

DumpInfo describe_dump(const ImmichFacts& facts, const std::string& version_hint,
                       std::vector<std::string>& notes)
{
  return {.immich_version = version_to_record(facts, version_hint, notes),
          .schema_level = facts.schema_level,
          .assets = facts.assets};
}

/// What one attempt at a dump came to that its error alone does not tell.
struct Attempt {
  bool database_answered = false;
  bool store_failed = false;  ///< which has been tried again by the store itself
  bool is_locked = false;     ///< a table was, as long as anybody waits for it
};

/// Sends what pg_dump writes to the object, compressed, and notes what it was. A slow way to the
/// store does not hold pg_dump back: as long as that runs, the tables are locked against Immich's
/// migrations, and the server keeps every row that Immich replaces.
Result<> store_dump(const Session& session, const DatabaseSettings& database,
                    const std::string& pg_dump, DatabaseSnapshot& snapshot,
                    const std::string& encoding, ObjectWriter& writer, DumpInfo& info,
                    Attempt& attempt)
{
  ContentHasher stored;
  std::atomic<bool> only_sends = false;
  SpooledSink spool(
      [&](ByteView compressed) -> Result<> {
        stored.update(compressed);
        if (only_sends) session.progress.advance(0, compressed.size());
        Result<> written = writer.write(compressed);
        attempt.store_failed = !written;
        return written;
      },
      session.scratch_parent);
  ParallelGzipWriter gzip([&](ByteView compressed) { return spool.write(compressed); }, kGzipLevel,
                          ParallelGzipWriter::useful_threads());
  const auto compress = [&](ByteView plain) -> Result<> {
    session.progress.advance(0, plain.size());
    return gzip.write(plain);
  };
  const DumpOutcome outcome = TRY(dump_database(pg_dump, database.address, compress, session.stop,
                                                {.without_data_of = info.left_out,
                                                 .snapshot = snapshot.id(),
                                                 .encoding = encoding,
                                                 .lock_wait = database.lock_wait}));
  static_cast<void>(snapshot.end());
  TRY(gzip.finish());
  if (const std::uint64_t waiting = spool.waiting(); waiting > kWorthTelling) {
    session.progress.begin("sending the dump", std::nullopt, waiting);
    only_sends = true;
  }
  TRY(spool.finish());
  const Content content = stored.finish();
  attempt.store_failed = true;
  const ObjectInfo confirmed = TRY(writer.commit());
  const std::optional<Crc32c> crc32c = confirmed.content_crc32c();
  if (confirmed.content_size() != content.size || (crc32c && *crc32c != content.crc32c)) {
    return fail(Errc::corrupt,
                info.object.value + ": the store confirmed other bytes than were sent");
  }
  info.bytes = content.size;
  if (confirmed.plain) info.encrypted_bytes = confirmed.size;
  info.sha256 = content.sha256;
  info.plain_bytes = outcome.bytes;
  return {};
}

/// The first three of them.
std::string few_of(const std::vector<std::string>& names)
{
  constexpr std::size_t kNamed = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i)
    text += (i == 0 ? "" : ", ") + printable(names[i]);
  if (names.size() > kNamed) text += " and " + format_count(names.size() - kNamed) + " more";
  return text;
}

/// A table stayed locked.
std::unexpected<Error> locked(const Session& session, const DatabaseSettings& database,
                              Attempt& attempt)
{
  attempt.is_locked = true;
  const auto seconds = std::chrono::round<std::chrono::seconds>(database.lock_wait);
  Result<Connection> connection = Connection::open(database.address, session.stop);
  const std::string holders = connection ? lock_holders(*connection) : "";
  return fail(Errc::unavailable,
              "a table of the database stayed locked for " + format_duration(seconds) +
                  (holders.empty() ? std::string() : ": " + holders),
              "A migration of Immich, REINDEX or VACUUM FULL locks tables. The next run takes the "
              "dump, once that is over.");
}

/// What pg_dump failed for. Its words are in the server's language, so the server is asked.
Error why_it_failed(const Session& session, const DatabaseSettings& database,
                    DatabaseSnapshot& snapshot, Error error, Attempt& attempt)
{
  if (error.code == Errc::cancelled || attempt.store_failed) return error;
  // Whatever pg_dump makes of it, such as that there is no such snapshot.
  const Result<> holds = snapshot.check();
  if (!holds && holds.error().code == Errc::unavailable) {
    error.code = Errc::unavailable;
    return error;
  }
  const Result<std::vector<std::string>> unreadable = snapshot.unreadable_tables();
  if (unreadable && !unreadable->empty()) {
    return {.code = Errc::denied,
            .message = "the database's user may not read " + few_of(*unreadable) +
                       ", and a dump needs all tables",
            .hint =
                "As the owner of Immich's tables: GRANT pg_read_all_data TO the user in "
                "DB_USERNAME; or use the user that Immich has."};
  }
  if (failed_to_lock(error.message)) return locked(session, database, attempt).error();
  const std::optional<std::string> table = unreadable_table(error.message);
  if (!table) return error;
  const Result<> read = snapshot.read_table(*table);
  if (!read) {
    error.code = read.error().code;
    error.message = "the table " + printable(*table) + " cannot be read: " + read.error().message;
  }
  if (error.code == Errc::corrupt) {
    error.hint = "The server finds the table damaged. Look at the server's disk and its log.";
  } else {
    error.hint = "The table is not damaged, as far as the server tells. Look at the server's log.";
  }
  return error;
}

/// The damaged table that a dump failed for, if it is one whose rows are no loss.
std::optional<std::string> rebuildable_table(const Error& error, const std::string& pg_dumps_words,
                                             const DumpInfo& info)
{
  if (error.code != Errc::corrupt) return std::nullopt;
  std::optional<std::string> table = unreadable_table(pg_dumps_words);
  const bool again = table && how_to_rebuild(*table) &&
                     std::ranges::find(info.left_out, "public." + *table) == info.left_out.end();
  return again ? table : std::nullopt;
}

/// Snapshot, reading and dump belong together: none is of use without the others.
Result<DumpInfo> dump_once(const Session& session, const DatabaseSettings& database, Timestamp time,
                           const std::string& version_hint, const SnapshotReader& read,
                           std::vector<std::string>& notes, Attempt& attempt)
{
  DatabaseSnapshot snapshot =
      TRY(DatabaseSnapshot::take(database.address, session.stop, database.lock_wait));
  attempt.database_answered = true;
  const std::string pg_dump =
      TRY(find_client("pg_dump", snapshot.server_major(), database.client_folder, session.stop));
  Result<ImmichFacts> told = snapshot.facts();
  if (snapshot.was_locked()) return locked(session, database, attempt);
  const ImmichFacts facts = TRY(facts_or_none(std::move(told), notes));
  // Where characters have no meaning, none can be made of them.
  const std::string own_encoding = TRY(snapshot.encoding());
  const std::string encoding = own_encoding == kNoEncoding ? own_encoding : "UTF8";
  DumpInfo info = describe_dump(facts, version_hint, notes);
  info.encoding = encoding;
  info.settings = TRY(snapshot.settings());
  info.granted = TRY(snapshot.granted());
  if (const auto standby = TRY(snapshot.standby())) {
    info.left_out = standby->row_less;
    notes.push_back("the database server is a standby: it has what its primary had committed " +
                    (standby->replayed.empty() ? "at a time that it does not tell"
                                               : "until " + standby->replayed));
  }
  if (read) TRY(read(snapshot, facts));
  if (snapshot.was_locked()) return locked(session, database, attempt);
  for (;;) {
    auto [name, writer] =
        TRY(create_dump_object(session.store, time, info.immich_version, session.stop));
    info.object = name;
    const Result<> stored =
        store_dump(session, database, pg_dump, snapshot, encoding, *writer, info, attempt);
    if (stored) return info;
    if (stored.error().code == Errc::precondition_failed) {
      return fail(Errc::precondition_failed,
                  "another backup into this store is running: it has just stored its own dump as " +
                      name.value,
                  "Let one end before the next begins: look for a second timer, cron job or "
                  "container, or a person. The next run takes a dump again.");
    }
    Error error = why_it_failed(session, database, snapshot, stored.error(), attempt);
    const std::optional<std::string> table = rebuildable_table(error, stored.error().message, info);
    if (!table) return std::unexpected(std::move(error));
    session.progress.note("the table " + *table +
                          " cannot be read: the dump is taken again without its rows");
    info.left_out.push_back("public." + *table);
  }
}

}  // namespace

Result<DumpPlan> plan_dump(const Session& session, const DatabaseSettings& database,
                           const std::string& version_hint, std::vector<std::string>& notes)
{
  Connection connection = TRY(Connection::open(database.address, session.stop));
  DumpPlan plan;
  plan.pg_dump =
      TRY(find_client("pg_dump", connection.server_major(), database.client_folder, session.stop));
  plan.facts = TRY(facts_or_none(read_immich_facts(connection), notes));
  plan.info = describe_dump(plan.facts, version_hint, notes);
  return plan;
}

Result<DumpInfo> dump_into_store(const Session& session, const DatabaseSettings& database,
                                 Timestamp time, const std::string& version_hint,
                                 const SnapshotReader& read, std::vector<std::string>& notes)
{
  using Final = Result<DumpInfo>;  // which is not tried again
  Retrier retrier({.total = database.wait}, make_real_backoff(), {}, [&](const Error& error) {
    session.progress.note("waiting for the database: " + error.message +
                          (error.hint.empty() ? "" : ". " + error.hint));
  });
  Attempt attempt;
  std::string begun_anew;
  Result<Final> dumped = retrier.run(session.stop, [&](int /*number*/) -> Result<Final> {
    std::vector<std::string> odd;
    Result<DumpInfo> once = dump_once(session, database, time, version_hint, read, odd, attempt);
    const bool again = !once && once.error().code == Errc::unavailable && !attempt.store_failed &&
                       !attempt.is_locked;
    if (again) {
      if (attempt.database_answered) begun_anew = once.error().message;
      return std::unexpected(std::move(once).error());
    }
    notes.insert(notes.end(), odd.begin(), odd.end());
    return once;
  });
  if (!begun_anew.empty()) notes.push_back("the dump was begun anew: " + begun_anew);
  if (!dumped) return std::unexpected(std::move(dumped).error());
  return *std::move(dumped);
}

void judge_dump(DumpInfo& dump, std::optional<std::uint64_t> good_assets, Findings& findings)
{
  if (good_assets && dump.assets * 2 < *good_assets) {
    dump.suspect = true;
    findings.problem(
        {.path = "",
         .code = "suspect_dump",
         .message = "the database has " + count_of(dump.assets, "asset", "assets") +
                    ", under half of the " + format_count(*good_assets) +
                    " of the last good dump: this dump is kept as suspect, and no earlier one is "
                    "given up for it",
         .hint = "Look at Immich: is it the right database, and are the photos there? If they were "
                 "meant to go, run once with --accept-changes."});
  }
  for (const std::string& table : dump.left_out) {
    findings.problem({.path = "",
                      .code = "dump_partial",
                      .message = "the dump has everything but the rows of the table " + table +
                                 ", which the server could not read",
                      .hint = "If the server is a standby, this table is unlogged, and no standby "
                              "has its rows: back up the primary. Else it is damaged: look at the "
                              "server's disk and log." +
                              (how_to_rebuild(table) ? " Immich makes these rows again: " +
                                                           std::string(*how_to_rebuild(table)) + "."
                                                     : std::string())});
  }
}

}  // namespace ib
