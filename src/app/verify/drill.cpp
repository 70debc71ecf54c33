// SPDX-License-Identifier: Apache-2.0
#include "app/verify/drill.hpp"

#include "app/findings.hpp"
#include "app/spending.hpp"
#include "app/stored_dump.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "core/names/restore_path.hpp"
#include "core/planning/audit.hpp"
#include "core/records/file_record.hpp"
#include "core/selection/rotation.hpp"
#include "immich/media_path.hpp"
#include "immich/snapshot.hpp"
#include "manifest/named_files.hpp"
#include "postgres/client_tools.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump_filter.hpp"
#include "postgres/restore.hpp"
#include "postgres/scratch_server.hpp"
#include "repository/catalog.hpp"
#include "repository/documents.hpp"
#include "repository/dumps.hpp"
#include "repository/listing.hpp"
#include "repository/proofs.hpp"
#include "repository/restore_points.hpp"
#include "sys/file.hpp"
#include "transfer/download.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <utility>

namespace ib {
namespace {

// Databases of the drill's own: what a drill that was killed has left goes with the next one.
constexpr std::string_view kDrillPrefix = "immich_backup_drill_";
constexpr std::string_view kMaintenanceDatabase = "postgres";
constexpr int kNewestServer = 1000;  // more than any major version: the newest that is installed
constexpr double kWeeksPerMonth = 365.25 / 12 / 7;
constexpr std::size_t kMostNamed = 20;

bool is_about_the_disk(const Error& error)
{
  return error.message.contains("No space left") || error.message.contains("could not extend file");
}

class Drill {
public:
  Drill(const Session& session, const DrillJob& job) : session_(session), job_(job)
  {
    report_.header.command = "verify-restore";
    report_.header.store = session.store.url();
  }

  Result<DrillReport> run()
  {
    session_.progress.begin("reading the manifest", std::nullopt, std::nullopt);
    Catalog catalog = TRY(require_catalog(session_));
    const RestorePoint point = TRY(choose_point(catalog.listing));
    TRY(go_back_to(session_, catalog, point));
    report_.restore_point = point.time;
    prices_ = prices_at(session_, find_location(session_));
    if (point.database) {
      report_.dump = point.database;
      TRY(prove_database(catalog.manifest, point));
    } else {
      report_.header.notes.emplace_back(
          "the restore point has no database dump: its files alone were looked at");
    }
    TRY(prove_files(catalog.manifest));
    report_.usage = session_.usage_meter.usage();
    if (!prices_.free_of_charge()) report_.cost = cost_of(report_.usage, prices_);
    store_proof(session_,
                {.command = "verify-restore",
                 .program_version = std::string(kVersion),
                 .ok = report_.damaged == 0,
                 .restore_point = point.time,
                 .objects = looked_at_,
                 .present = report_.read_back,
                 .read_back = report_.read_back,
                 .read_back_bytes = report_.read_back_bytes,
                 .damaged = report_.damaged,
                 .damaged_read_back = damaged_read_back_,
                 .proven = proven_,
                 .drill = Proof::Drill{.restored = report_.restored,
                                       .tables = report_.tables,
                                       .rows = report_.rows,
                                       .originals = report_.originals,
                                       .protected_originals = report_.protected_originals}},
                report_.header.notes);
    // That it cannot be told does not undo what was proven.
    if (const Result<ProofHistory> history = proof_history(session_))
      report_.proven_since = history->proven_since;
    return std::move(report_);
  }

private:
  /// One with a dump, where any has: a run of the files alone proves the least.
  Result<RestorePoint> choose_point(const ManifestListing& listing)
  {
    std::vector<std::string> notes;
    RestorePoint point = TRY(choose_dumped_restore_point(session_, listing, job_.at, notes));
    if (!point.database && !job_.at)
      return choose_good_restore_point(session_, listing, job_.at, report_.header.notes);
    report_.header.notes.insert(report_.header.notes.end(), notes.begin(), notes.end());
    return point;
  }

  void damage(std::string code, const std::string& path, std::string message)
  {
    ++report_.damaged;
    findings_.problem({.path = path,
                       .code = std::move(code),
                       .message = std::move(message),
                       .hint = "See \"Damage\" in docs/operations.md."});
  }

  // ---- the database

  Result<> prove_database(Manifest& manifest, const RestorePoint& point)
  {
    const DumpInfo& dump = *point.database;
    TRY(approve_spending(
        session_,
        cost_of(reading({.objects = 1, .bytes = dump.bytes}, session_.spending.classes.dumps),
                prices_),
        "reading the dump"));
    if (job_.server) {
      TRY(refuse_a_server_of_immichs());
      return prove_on(job_.server->address, manifest, point);
    }
    const Result<std::string> server =
        find_client("postgres", kNewestServer, job_.client_folder, session_.stop);
    if (!server && server.error().code == Errc::cancelled) return std::unexpected(server.error());
    if (!server) {
      report_.header.notes.emplace_back(
          "no PostgreSQL server is installed here, and none was named by DB_HOSTNAME: the dump was "
          "read to its end, and not restored");
      session_.progress.begin("reading the dump", std::nullopt, dump.bytes);
      TRY(judge(check_stored_dump(session_, dump.object, dump.sha256)));
      return {};
    }
    const std::string programs = server->substr(0, server->rfind('/'));
    const ScratchFolder folder = TRY(ScratchFolder::create(session_.scratch_parent));
    session_.progress.begin("starting a scratch PostgreSQL", std::nullopt, std::nullopt);
    Result<ScratchServer> scratch = ScratchServer::start(programs, folder.path(), session_.stop);
    if (!scratch) {
      if (scratch.error().code == Errc::cancelled) return std::unexpected(scratch.error());
      findings_.problem({.path = "",
                         .code = "not_proven",
                         .message = "the dump could not be restored: " + scratch.error().message,
                         .hint = scratch.error().hint});
      TRY(judge(check_stored_dump(session_, dump.object, dump.sha256)));
      return {};
    }
    return prove_on(scratch->address(std::string(kMaintenanceDatabase)), manifest, point);
  }

  /// A drill is work and takes room: not beside the database that people use.
  Result<> refuse_a_server_of_immichs()
  {
    Result<Connection> opened = Connection::open(job_.server->address, session_.stop);
    if (!opened) {
      // That there is no such database is as it should be.
      if (opened.error().code == Errc::invalid) return {};
      return std::unexpected(std::move(opened).error());
    }
    Result<> empty = require_empty_database(*opened);
    if (empty || empty.error().code != Errc::invalid) return empty;
    return fail(Errc::invalid,
                describe(job_.server->address) + " is in use: a drill needs a server of its own",
                "Name another one by DB_HOSTNAME, or none: then a scratch server is started where "
                "PostgreSQL is installed. DB_DATABASE_NAME=postgres insists on this one.");
  }

  Result<> prove_on(DatabaseAddress address, Manifest& manifest, const RestorePoint& point)
  {
    address.database = kMaintenanceDatabase;
    Connection maintenance =
        TRY(Connection::open(address, session_.stop, Connection::Access::read_write));
    report_.server = "PostgreSQL " + maintenance.server_version();
    const Timestamp now = TRY(session_.store.now());
    TRY(drop_leftovers(maintenance, now));
    const std::string name = std::string(kDrillPrefix) + format_compact(now);
    if (!TRY(create_database(maintenance, name)))
      return fail(Errc::unavailable, "another drill uses the server at this moment",
                  "Try again later.");
    address.database = name;
    Result<> proven = prove_in(address, maintenance, manifest, point);
    const Result<Connection::Rows> dropped = maintenance.query("DROP DATABASE \"" + name + "\"");
    if (!dropped && proven)
      report_.header.notes.push_back("the drill's database stays: " + dropped.error().message);
    return proven;
  }

  /// Of drills that were killed: nobody is connected, and they are older than any drill's steps are
  /// apart.
  static Result<> drop_leftovers(Connection& maintenance, Timestamp now)
  {
    const std::array<std::string, 2> range{
        std::string(kDrillPrefix),
        std::string(kDrillPrefix) + format_compact(now - std::chrono::days(2))};
    const Connection::Rows left = TRY(maintenance.query(
        "SELECT pg_catalog.quote_ident(datname) FROM pg_catalog.pg_database d WHERE "
        "pg_catalog.starts_with(datname, $1) AND datname < $2 COLLATE \"C\" AND NOT EXISTS (SELECT "
        "1 FROM pg_catalog.pg_stat_activity a WHERE a.datname = d.datname)",
        range));
    for (const Connection::Row& row : left)
      TRY(maintenance.query("DROP DATABASE " + row.at(0).value_or("")));
    return {};
  }

  Result<> prove_in(const DatabaseAddress& address, Connection& maintenance, Manifest& manifest,
                    const RestorePoint& point)
  {
    std::set<std::string, std::less<>> extensions;
    for (const Connection::Row& row :
         TRY(maintenance.query("SELECT name FROM pg_catalog.pg_available_extensions")))
      extensions.insert(row.at(0).value_or(""));
    DumpFilter filter([&](std::string_view name) { return extensions.contains(name); });
    const std::optional<std::vector<TableRows>> tables =
        TRY(restore(address, maintenance.server_major(), *point.database, filter));
    report_.left_out = filter.left_out();
    if (!tables) return {};
    report_.restored = true;
    session_.progress.begin("counting the restored rows", std::nullopt, std::nullopt);
    std::vector<TableRows> wanted;
    for (const TableRows& table : *tables)
      if (!filter.leaves_out_table(table.table)) wanted.push_back(table);
    report_.tables = wanted.size();
    report_.rows = rows_of(wanted);
    {
      Connection connection = TRY(Connection::open(address, session_.stop));
      for (const RowDifference& difference : TRY(compare_rows(connection, wanted))) {
        damage("rows_differ", "",
               printable(difference.wanted.table) + ": the dump has " +
                   count_of(difference.wanted.rows, "row", "rows") + ", the restored database " +
                   (difference.found ? format_count(*difference.found) : "no such table"));
      }
    }
    return join(address, manifest, point);
  }

  /// What the dump holds, once it is restored; absent where it could not be, which has been
  /// reported.
  Result<std::optional<std::vector<TableRows>>> restore(const DatabaseAddress& address,
                                                        int server_major, const DumpInfo& dump,
                                                        DumpFilter& filter)
  {
    const std::string psql =
        TRY(find_client("psql", server_major, job_.client_folder, session_.stop));
    session_.progress.begin("restoring the database", std::nullopt, dump.bytes);
    DatabaseRestore restore = TRY(DatabaseRestore::start(psql, address, session_.stop));
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
    TRY(judge_refusal(read.error(), dump, server_major, filter.left_out().empty()));
    return std::nullopt;
  }

  /// What the server would not take: is it the dump, or the server?
  Result<> judge_refusal(const Error& refusal, const DumpInfo& dump, int server_major,
                         bool all_of_it)
  {
    if (refusal.code == Errc::cancelled) return std::unexpected(refusal);
    const Result<CheckedDump> read = check_stored_dump(session_, dump.object, dump.sha256);
    if (!TRY(judge(read))) return {};
    const std::string message = dump.object.value + ": could not be restored: " + refusal.message;
    const std::optional<int> major = read->inventory.server_major();
    if (major && *major > server_major) {
      findings_.problem(
          {.path = "",
           .code = "not_proven",
           .message = message + " (the dump is of PostgreSQL " +
                      printable(read->inventory.server_version()) +
                      ", and the drill's server is older)",
           .hint = "Give the drill a server of that version: DB_HOSTNAME, or --pg-bin."});
    } else if (!all_of_it) {
      findings_.problem(
          {.path = "",
           .code = "not_proven",
           .message = message + " (the server lacks extensions that the dump needs)",
           .hint = "Give the drill Immich's own PostgreSQL image as its server, by DB_HOSTNAME."});
    } else if (is_about_the_disk(refusal) || refusal.code == Errc::unavailable) {
      findings_.problem(
          {.path = "",
           .code = "not_proven",
           .message = message,
           .hint = "Give the drill more room (--scratch, TMPDIR) or another server."});
    } else {
      damage("dump_not_restored", "", message);
    }
    return {};
  }

  /// Whether the dump was read to its end. Damage is reported; what else went wrong ends the drill.
  Result<bool> judge(const Result<CheckedDump>& read)
  {
    report_.dump_read = read.has_value();
    if (read) return true;
    if (read.error().code != Errc::corrupt && read.error().code != Errc::invalid)
      return std::unexpected(read.error());
    damage("dump_damaged", "", read.error().message);
    return false;
  }

  // ---- the originals that the restored database names

  Result<> join(const DatabaseAddress& address, Manifest& manifest, const RestorePoint& point)
  {
    session_.progress.begin("looking for each original in the manifest", std::nullopt,
                            std::nullopt);
    DatabaseSnapshot snapshot = TRY(DatabaseSnapshot::take(address, session_.stop));
    const ImmichFacts facts = TRY(snapshot.facts());
    if (!facts.known_schema) {
      report_.header.notes.emplace_back(
          "the tables are not those of an Immich that this program knows: whether its originals "
          "are stored was not looked at");
      return {};
    }
    const ScratchFolder scratch = TRY(ScratchFolder::create(session_.scratch_parent));
    NamedFiles named = TRY(NamedFiles::create(scratch.file("named.db")));
    TRY(snapshot.named_files(NamedFile::Kind::original, [&](const NamedFile& file) {
      NamedFile mapped = file;
      const std::optional<std::string> path =
          file.external ? std::nullopt : below_media_root(file.path, facts.media_location);
      mapped.outside = !path;
      if (path) mapped.path = *path;
      return named.add(mapped);
    }));
    NamedFiles doubtful = TRY(NamedFiles::create(scratch.file("doubtful.db")));
    Audit audit;
    {
      const std::unique_ptr<NamedFileCursor> files = TRY(named.in_order());
      const std::unique_ptr<RecordCursor> records = TRY(manifest.records_at(point.time));
      audit = TRY(compare_named_files(
          *files, *records,
          {.doubtful = [&](const NamedFile& file, const FileRecord*) { return doubtful.add(file); },
           .unknown = [](const FileRecord&) -> Result<> { return {}; }}));
    }
    std::vector<std::string> holes;
    std::uint64_t lost = 0;
    const std::unique_ptr<NamedFileCursor> closer = TRY(doubtful.in_order());
    while (const std::optional<NamedFile> file = TRY(closer->next())) {
      if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      if (TRY(is_stored(manifest, *file, point.time))) continue;
      ++lost;
      if (holes.size() < kMostNamed) holes.push_back(file->path);
    }
    report_.originals = audit.originals;
    report_.protected_originals = audit.originals - lost;
    // What the restore point itself said that it lacks is no news.
    const std::uint64_t known =
        point.audit ? point.audit->originals - point.audit->protected_originals() : 0;
    if (lost <= known) return {};
    const std::string message = count_of(lost, "original", "originals") + " that the dump names " +
                                (lost == 1 ? "is" : "are") + " not stored as Immich recorded " +
                                (lost == 1 ? "it" : "them") + ", and the restore point knew of " +
                                format_count(known);
    if (point.complete && point.audit) {
      damage("not_protected", holes.front(), message);
    } else {
      findings_.problem({.path = holes.front(),
                         .code = "not_protected",
                         .message = message,
                         .hint = "A backup with the database makes an audit, which names each."});
    }
    for (const std::string& path : holes)
      session_.progress.note("not protected: " + printable(path));
    return {};
  }

  static Result<bool> is_stored(Manifest& manifest, const NamedFile& file, Timestamp at)
  {
    if (file.sha1) return TRY(manifest.find_sha1(*file.sha1)).has_value();
    return TRY(manifest.find_at(file.path, at)).has_value();
  }

  // ---- the files

  Result<> prove_files(const Manifest& manifest)
  {
    Rotation rotation = TRY(choose_rotation(manifest));
    std::uint64_t bytes = 0;
    Usage expected;
    TRY(each_file(manifest, [&](const FileRecord& record) -> Result<> {
      if (!rotation.is_due(record.path)) return {};
      ++report_.due;
      bytes += record.content.size;
      expected += reading({.objects = 1, .bytes = record.content.size},
                          record.storage_class.value_or(StorageClass::archive));
      return {};
    }));
    const double cost = cost_of(expected, prices_);
    report_.weeks = rotation.parts;
    if (job_.sample) {
      TRY(approve_spending(session_, cost,
                           "reading " + count_of(report_.due, "file", "files") + " back"));
    } else if (!prices_.free_of_charge()) {
      afford(rotation, cost);
    }
    session_.progress.begin("restoring a part of the files", report_.due, bytes);
    TRY(read_back(manifest, rotation));
    // A part of which each file was whole; not one that the budget did not reach for.
    if (report_.read_back == report_.due)
      proven_ = Shard{.parts = rotation.parts, .part = rotation.part};
    return {};
  }

  /// As much of what is due as the budget pays for, and the person is told how long all of it takes
  /// then.
  void afford(Rotation& rotation, double cost)
  {
    const double budget = std::max(0.0, session_.spending.budget.value_or(kDrillBudget) -
                                            cost_of(session_.usage_meter.usage(), prices_));
    if (cost <= budget) return;
    rotation.affordable = budget / cost;
    report_.header.notes.push_back(
        "reading back what is due costs about " + format_dollars(cost) + ": the budget of " +
        format_dollars(session_.spending.budget.value_or(kDrillBudget)) + " pays for " +
        std::to_string(static_cast<int>(rotation.affordable * 100)) +
        " % of it, chosen anew each time");
    report_.weeks = 0;
  }

  Result<Rotation> choose_rotation(const Manifest& manifest)
  {
    TRY(each_file(manifest, [&](const FileRecord&) -> Result<> {
      ++report_.files;
      return {};
    }));
    const auto by_time = static_cast<std::uint64_t>(std::max(1.0, job_.months * kWeeksPerMonth));
    const std::uint64_t parts =
        job_.sample ? (report_.files + *job_.sample - 1) / *job_.sample : by_time;
    return Rotation::at(TRY(session_.store.now()), parts);
  }

  Result<> each_file(const Manifest& manifest,
                     const std::function<Result<>(const FileRecord&)>& take)
  {
    const std::unique_ptr<RecordCursor> records = TRY(manifest.records_at(report_.restore_point));
    while (const std::optional<FileRecord> record = TRY(records->next())) {
      if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      if (!record->archived) TRY(take(*record));
    }
    return {};
  }

  Result<> read_back(const Manifest& manifest, const Rotation& rotation)
  {
    const ScratchFolder scratch = TRY(ScratchFolder::create(session_.scratch_parent));
    const Folder target = TRY(Folder::open(scratch.path()));
    const std::unique_ptr<RecordCursor> records = TRY(manifest.records_at(report_.restore_point));
    return run_downloads(
        session_.store,
        {.workers = session_.workers, .target = &target, .overwrite = Overwrite::always},
        {.next = [&]() -> Result<std::optional<DownloadItem>> {
           while (std::optional<FileRecord> record = TRY(records->next())) {
             if (record->archived || !rotation.chooses(record->path)) continue;
             const Result<std::string> path = restore_path(record->path);
             if (!path) {
               damage("unsafe_path", record->path, path.error().message);
               continue;
             }
             return DownloadItem{.object = record->object_name(),
                                 .content = record->content,
                                 .path = record->path,
                                 .target = *path,
                                 .mtime_ns = record->mtime_ns};
           }
           return std::nullopt;
         },
         .done = [&](const DownloadResult& result) -> Result<> {
           ++looked_at_;
           if (result.end) {
             ++report_.read_back;
             report_.read_back_bytes += result.item.content.size;
             // No more than what is on its way has to fit into the scratch folder.
             return target.remove_file(*result.item.target);
           }
           const Error& error = result.end.error();
           const std::string message = printable(result.item.path) + ": " + error.message;
           if (error.code == Errc::corrupt) {
             ++damaged_read_back_;
             damage("object_damaged", result.item.path, message);
           } else {
             findings_.problem({.path = result.item.path,
                                .code = "not_restored",
                                .message = message,
                                .hint = error.hint});
           }
           return {};
         }},
        session_.progress, session_.stop);
  }

  const Session& session_;
  const DrillJob& job_;
  DrillReport report_;
  Findings findings_{session_.progress, report_.header};
  Prices prices_;
  std::uint64_t looked_at_ = 0, damaged_read_back_ = 0;  // files
  std::optional<Shard> proven_;
};

}  // namespace

Result<DrillReport> run_drill(const Session& session, const DrillJob& job)
{
  return Drill(session, job).run();
}

}  // namespace ib
