// SPDX-License-Identifier: Apache-2.0
#include "app/verify/drill_database.hpp"

#include "app/extra_objects.hpp"
#include "base/text.hpp"
#include "core/planning/audit.hpp"
#include "immich/database.hpp"
#include "immich/media_paths.hpp"
#include "immich/rebuildable.hpp"
#include "immich/snapshot.hpp"
#include "manifest/named_files.hpp"
#include "postgres/client_tools.hpp"
#include "postgres/scratch_database.hpp"
#include "postgres/scratch_server.hpp"
#include "sys/file.hpp"
#include "sys/file_system.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace ib {
namespace {

// What begins the names of the drill's own databases.
constexpr std::string_view kDrillPrefix = "immich_backup_drill_";
constexpr int kNewestServer = 1000;  // more than any major version: the newest that is installed
constexpr std::size_t kMostNamed = 20;
constexpr std::uint64_t kUsualCompression = 6;  // of a dump whose plain size is not recorded
constexpr std::string_view kInsufficientPrivilege = "42501";  // PostgreSQL's manual, appendix A

/// By the SQLSTATE's class: the data themselves cannot be what they should be, whatever the server.
bool is_about_the_data(const Refusal& refusal)
{
  return refusal.sqlstate.starts_with("22") || refusal.sqlstate.starts_with("23");
}

bool is_about_the_disk(const Error& error)
{
  return error.message.contains("No space left") || error.message.contains("could not extend file");
}

bool is_damage(const Error& error)
{
  return error.code == Errc::corrupt || error.code == Errc::invalid;
}

/// Of a database that this role may not look into, its name has to tell.
Result<bool> may_be_immichs(const DatabaseAddress& address, const std::stop_token& stop)
{
  Result<Connection> opened = Connection::open(address, stop);
  if (opened) return TRY(read_immich_facts(*opened)).known_schema;
  if (opened.error().code == Errc::denied) return address.database.contains("immich");
  if (opened.error().code == Errc::invalid) return false;  // dropped meanwhile
  return std::unexpected(std::move(opened).error());
}

}  // namespace

Result<> refuse_a_server_of_immichs(const Session& session, const DatabaseAddress& server)
{
  DatabaseAddress address = server;
  Result<std::vector<std::string>> names = databases_of(server, kDrillPrefix, session.stop);
  if (!names && names.error().code == Errc::unavailable)
    return fail(Errc::unavailable, "the drill's server: " + names.error().message,
                "Check that it is running, and DRILL_DB_HOSTNAME and DRILL_DB_PORT (or "
                "--drill-db). Without them, a scratch server is started where PostgreSQL is "
                "installed.");
  for (std::string& name : TRY(std::move(names))) {
    address.database = std::move(name);
    if (!TRY(may_be_immichs(address, session.stop))) continue;
    return fail(Errc::invalid,
                "the server holds the database of an Immich: " + describe(address) +
                    ". A drill needs a server of its own",
                "Name another one by --drill-db or DRILL_DB_URL, or none: then a scratch server is "
                "started where PostgreSQL is installed.");
  }
  return {};
}

void DatabaseDrill::damage(std::string code, const std::string& path, std::string message)
{
  ++report_.damaged;
  findings_.problem({.path = path,
                     .code = std::move(code),
                     .message = std::move(message),
                     .hint = "docs/damage.md says what to do."});
}

void DatabaseDrill::not_proven(std::string message, std::string hint)
{
  findings_.problem(
      {.path = "", .code = "not_proven", .message = std::move(message), .hint = std::move(hint)});
}

Result<> DatabaseDrill::prove(const RestorePoint& point, const RestoreSet* files, bool own)
{
  if (job_.server) return prove_on(job_.server->address, point, files, own);
  return prove_on_server_of_our_own(point, files, own);
}

Result<> DatabaseDrill::prove_on_server_of_our_own(const RestorePoint& point,
                                                   const RestoreSet* files, bool own)
{
  const Result<std::string> server =
      find_client("postgres", kNewestServer, job_.client_folder, session_.stop);
  if (!server) {
    return read_only(
        *point.database,
        Error{.code = server.error().code,
              .message = "no PostgreSQL server is installed here, and none is named",
              .hint = "Name one that is no Immich's by DRILL_DB_HOSTNAME or --drill-db "
                      "postgresql://USER@HOST/postgres, or install PostgreSQL here."});
  }
  const std::string programs = server->substr(0, server->rfind('/'));
  const ScratchFolder folder = TRY(ScratchFolder::create(session_.scratch_parent));
  if (lacks_room(*point.database)) return read_only(*point.database, std::nullopt);
  session_.progress.begin("starting a scratch PostgreSQL", std::nullopt, std::nullopt);
  const Result<ScratchServer> scratch =
      ScratchServer::start(programs, absolute_path(folder.path()), session_.stop);
  if (!scratch) return read_only(*point.database, scratch.error());
  return prove_on(scratch->address("postgres"), point, files, own);
}

/// Whether a server of our own would fill the scratch folder, which is reported before anything is
/// read. Where the size of a folder is not known, the server finds out.
bool DatabaseDrill::lacks_room(const DumpInfo& dump)
{
  const std::string folder = temporary_folder(session_.scratch_parent);
  const Result<FileSystem> there = file_system_of(folder);
  const std::uint64_t needed = room_of_scratch_server(
      dump.plain_bytes > 0 ? dump.plain_bytes : dump.bytes * kUsualCompression);
  if (!there || there->free_bytes >= needed) return false;
  not_proven("the dump is not restored, since " + printable(folder) +
                 " is too small: it takes about " + format_bytes(needed) + " there, and " +
                 format_bytes(there->free_bytes) + " is free",
             "Name a folder with that much room by --scratch or TMPDIR. In a container, mount a "
             "volume there, and not a tmpfs, which counts as memory.");
  return true;
}

/// Where it cannot be restored. `why` is absent where that has been reported.
Result<> DatabaseDrill::read_only(const DumpInfo& dump, const std::optional<Error>& why)
{
  if (why && why->code == Errc::cancelled) return std::unexpected(*why);
  session_.progress.begin("reading the dump", std::nullopt, dump.bytes);
  if (TRY(judge(check_stored_dump(session_, dump.object, dump.sha256))) && why)
    not_proven("the dump was read to its end, and not restored: " + why->message, why->hint);
  return {};
}

Result<> DatabaseDrill::prove_on(const DatabaseAddress& server, const RestorePoint& point,
                                 const RestoreSet* files, bool own)
{
  ScratchDatabase scratch =
      TRY(ScratchDatabase::create(server, kDrillPrefix, TRY(session_.store.now(session_.stop)),
                                  session_.stop, point.database->encoding));
  report_.server = "PostgreSQL " + scratch.server_version();
  const Result<> proven = prove_in(scratch, point, files, own);
  const Result<> dropped = scratch.drop();
  if (!dropped && proven) findings_.note("the drill's database stays: " + dropped.error().message);
  return proven;
}

Result<> DatabaseDrill::prove_in(ScratchDatabase& scratch, const RestorePoint& point,
                                 const RestoreSet* files, bool own)
{
  const DatabaseAddress& database = scratch.address();
  DumpFilter filter(scratch.server());
  const std::optional<std::vector<TableRows>> tables =
      TRY(restore(database, scratch.server_major(), *point.database, filter));
  report_.left_out = filter.left_out();
  if (!tables) return {};
  report_.restored = true;
  TRY(scratch.search_extensions(session_.stop));
  judge_left_out(filter, *tables);
  std::vector<TableRows> wanted;
  std::ranges::copy_if(*tables, std::back_inserter(wanted), [&](const TableRows& table) {
    return !filter.leaves_out_table(table.table);
  });
  session_.progress.begin("looking for what is not Immich's", std::nullopt, std::nullopt);
  report_.more_than_immichs =
      name_extra_objects(database, RestoredFor::drill, findings_, session_.stop);
  Result<> asked = compare(database, wanted);
  if (asked && files != nullptr) asked = look_for_originals(database, point, *files, own);
  if (asked || asked.error().code == Errc::cancelled || asked.error().code == Errc::unavailable)
    return asked;
  // What a dump has made may be anything, such as a view that fails when it is read.
  not_proven("the restored database could not be asked: " + asked.error().message,
             "Look at who wrote the dump, and at what is in it.");
  return {};
}

/// What the dump holds, once it is restored. Absent where it could not be, which has been reported.
Result<std::optional<std::vector<TableRows>>> DatabaseDrill::restore(
    const DatabaseAddress& database, int server_major, const DumpInfo& dump, DumpFilter& filter)
{
  const std::string psql =
      TRY(find_client("psql", server_major, job_.client_folder, session_.stop));
  session_.progress.begin("restoring the database", std::nullopt, dump.bytes);
  DatabaseRestore restore = TRY(DatabaseRestore::start(psql, database, session_.stop));
  const ByteSink to_psql = [&](ByteView sql) { return restore.write(sql); };
  bool psql_failed = false;
  Result<CheckedDump> read =
      read_stored_dump(session_, dump.object, dump.sha256, [&](ByteView plain) -> Result<> {
        Result<> written = filter.write(plain, to_psql);
        psql_failed = !written;
        return written;
      });
  if (!read && !psql_failed) {
    TRY(judge(read));
    return std::nullopt;
  }
  if (read) {
    report_.dump_read = true;
    Result<> ended = filter.finish(to_psql);
    if (ended) ended = restore.commit();
    if (ended) return read->inventory.tables();
    read = std::unexpected(std::move(ended).error());
  }
  TRY(judge_refusal(read.error(), restore.refusal(), dump, server_major,
                    filter.left_out().empty()));
  return std::nullopt;
}

/// The server would not take it: for the dump's sake, or for its own?
Result<> DatabaseDrill::judge_refusal(const Error& error, const std::optional<Refusal>& refusal,
                                      const DumpInfo& dump, int server_major, bool all_of_it)
{
  if (error.code == Errc::cancelled) return std::unexpected(error);
  const Result<CheckedDump> read = check_stored_dump(session_, dump.object, dump.sha256);
  if (!TRY(judge(read))) return {};
  const std::string message = dump.object.value + ": could not be restored: " + error.message;
  const std::vector<TableRows>& own = read->inventory.tables();
  const bool in_own_table =
      refusal && (refusal->table.empty() || std::ranges::any_of(own, [&](const TableRows& each) {
                    return is_table_called(each.table, refusal->table);
                  }));
  const bool cut = !refusal && error.code == Errc::corrupt;
  if (cut || (refusal && is_about_the_data(*refusal) && in_own_table)) {
    damage("dump_not_restored", "", message);
    return {};
  }
  const std::optional<int> major = read->inventory.server_major();
  if (major && *major > server_major) {
    not_proven(message + " (the dump is of PostgreSQL " +
                   printable(read->inventory.server_version()) +
                   ", and the drill's server is older)",
               "Give the drill a server of that version: DRILL_DB_HOSTNAME, or --pg-bin.");
  } else if (!all_of_it) {
    not_proven(message + " (the server lacks extensions that the dump needs)",
               "Give the drill Immich's own PostgreSQL image as its server, by DRILL_DB_HOSTNAME.");
  } else if (refusal && refusal->sqlstate == kInsufficientPrivilege) {
    not_proven(message + " (no dump of Immich's needs such a right)",
               "Find out who wrote the dump, and look at what is in it, before you restore it.");
  } else if (is_about_the_disk(error)) {
    not_proven(message, "Give the drill more room (--scratch, TMPDIR) or another server.");
  } else {
    not_proven(message,
               "The dump's bytes are those that were stored: this is about the server. A server "
               "like Immich's own, with a superuser for the drill, takes it.");
  }
  return {};
}

/// Whether the dump was read to its end. Damage is reported; what else went wrong ends the drill.
Result<bool> DatabaseDrill::judge(const Result<CheckedDump>& read)
{
  report_.dump_read = read.has_value();
  if (read) return true;
  if (!is_damage(read.error())) return std::unexpected(read.error());
  damage("dump_damaged", "", read.error().message);
  return false;
}

/// Tables that the server could not take: what Immich can make again proves nothing by its absence.
void DatabaseDrill::judge_left_out(const DumpFilter& filter, const std::vector<TableRows>& tables)
{
  for (const TableRows& table : tables) {
    if (!filter.leaves_out_table(table.table) || table.rows == 0 || how_to_rebuild(table.table))
      continue;
    not_proven(printable(table.table) + ": its " + count_of(table.rows, "row", "rows") +
                   " could not be restored, since the server lacks an extension",
               "Give the drill Immich's own PostgreSQL image as its server, by DRILL_DB_HOSTNAME.");
  }
}

Result<> DatabaseDrill::compare(const DatabaseAddress& database,
                                const std::vector<TableRows>& tables)
{
  session_.progress.begin("counting the restored rows", std::nullopt, std::nullopt);
  report_.tables = tables.size();
  report_.rows = rows_of(tables);
  Connection connection = TRY(Connection::open(database, session_.stop));
  for (const RowDifference& difference : TRY(compare_rows(connection, tables))) {
    damage("rows_differ", "",
           printable(difference.wanted.table) + ": the dump has " +
               count_of(difference.wanted.rows, "row", "rows") + ", the restored database " +
               (difference.found ? format_count(*difference.found) : "no such table"));
  }
  return {};
}

Result<> DatabaseDrill::look_for_originals(const DatabaseAddress& database,
                                           const RestorePoint& point, const RestoreSet& files,
                                           bool own)
{
  session_.progress.begin("looking for each original where a restore puts it", std::nullopt,
                          std::nullopt);
  DatabaseSnapshot snapshot = TRY(DatabaseSnapshot::take(database, session_.stop));
  const ImmichFacts facts = TRY(snapshot.facts());
  if (!facts.known_schema) {
    not_proven(
        "the tables are not those of an Immich that this program knows: whether a restore "
        "brings its originals was not found out",
        "A newer version of this program may know them.");
    return {};
  }
  const MediaPaths paths = MediaPaths::of(point, facts.media_location);
  const ScratchFolder scratch = TRY(ScratchFolder::create(session_.scratch_parent));
  NamedFiles named = TRY(NamedFiles::create(scratch.file("named.db")));
  TRY(snapshot.named_files(NamedFile::Kind::original, [&](NamedFile file) {
    std::optional<std::string> path = paths.in_backup(file.path);
    file.outside = !path;
    if (path) file.path = *std::move(path);
    return named.add(file);
  }));
  std::vector<std::string> lost_paths;
  std::uint64_t lost = 0;
  const auto weigh = [&](const NamedFile& file, const FileRecord* there) -> Result<> {
    if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    if (there != nullptr && !file.sha1) return {};  // nothing says what it should be
    ++lost;
    if (lost_paths.size() < kMostNamed) lost_paths.push_back(file.path);
    return {};
  };
  const std::unique_ptr<NamedFileCursor> originals = TRY(named.in_order());
  const std::unique_ptr<RecordCursor> records = TRY(files.records());
  const Audit audit = TRY(compare_named_files(
      *originals, *records,
      {.doubtful = weigh, .unknown = [](const FileRecord&) -> Result<> { return {}; }}));
  report_.originals = audit.originals;
  report_.protected_originals = audit.originals - lost;
  judge_lost(point, lost, lost_paths, own);
  return {};
}

/// What the restore point itself says that it lacks is no news.
void DatabaseDrill::judge_lost(const RestorePoint& point, std::uint64_t lost,
                               const std::vector<std::string>& named, bool own)
{
  const std::uint64_t known =
      point.audit ? point.audit->originals -
                        std::min(point.audit->originals, point.audit->protected_originals())
                  : 0;
  if (lost == 0) return;
  if (lost <= known) {
    findings_.note("the run of this restore point named " +
                   count_of(known, "original", "originals") + " that a restore does not bring");
    return;
  }
  const std::string message =
      count_of(lost, "original", "originals") + " that the dump names " +
      (lost == 1 ? "is" : "are") + " not where a restore would have to put " +
      (lost == 1 ? "it" : "them") + " as Immich recorded, and the restore point knew of " +
      format_count(known);
  if (own && point.audit && point.placed_for) {
    damage("not_protected", named.front(), message);
  } else {
    findings_.problem({.path = named.front(),
                       .code = "not_protected",
                       .message = message,
                       .hint = "A backup with the database makes an audit, which names each."});
  }
  for (const std::string& path : named) session_.progress.note("not protected: " + printable(path));
}

}  // namespace ib
