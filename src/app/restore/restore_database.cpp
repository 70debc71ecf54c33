// SPDX-License-Identifier: Apache-2.0
#include "app/restore/restore_database.hpp"

#include "app/extra_objects.hpp"
#include "app/findings.hpp"
#include "app/restore/dump_choice.hpp"
#include "app/restore/dump_source.hpp"
#include "base/text.hpp"
#include "immich/database.hpp"
#include "immich/database_options.hpp"
#include "immich/fresh_database.hpp"
#include "immich/rebuildable.hpp"
#include "postgres/client_tools.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump_filter.hpp"
#include "postgres/restore.hpp"
#include "postgres/restore_role.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace ib {
namespace {

constexpr std::string_view kRestorePrefix = "immich_backup_restore_";

/// Those that Immich does not use are left out of a restore, and named.
Result<> require_extensions(Connection& connection, const CheckedDump& dump)
{
  std::vector<std::string> needed;
  std::ranges::copy_if(dump.extensions, std::back_inserter(needed), [](const std::string& each) {
    return schema_of_extension(each).has_value();
  });
  const std::vector<std::string> missing = TRY(missing_extensions(connection, needed));
  if (missing.empty()) return {};
  return fail(Errc::invalid,
              "the server lacks what the dump needs: extension " + joined(missing, ", "),
              "Restore into the PostgreSQL image that Immich ships, which has it.");
}

/// Bytes that mean nothing would be taken for characters, and be none: no dump of the restored
/// database could be restored any more.
Result<> require_encoding(Connection& connection, const CheckedDump& dump)
{
  const std::string& own = dump.inventory.encoding();
  const Connection::Rows rows =
      TRY(connection.query("SELECT pg_catalog.current_setting('server_encoding')"));
  const std::string encoding = rows.at(0).at(0).value_or("");
  if (own != kNoEncoding || encoding == kNoEncoding) return {};
  return fail(
      Errc::invalid,
      "the dump is of a database in " + own + ", and database " + connection.description() +
          " is in " + printable(encoding),
      "Nothing was changed. Restore it into a new database with --create, which makes it in "
      "the dump's encoding.");
}

/// One that is connected may write meanwhile, or be in the way of what has to be locked.
Result<> require_no_other_sessions(Connection& connection)
{
  const std::vector<std::string> others = TRY(other_sessions(connection));
  if (others.empty()) return {};
  return fail(
      Errc::invalid,
      "database " + connection.description() + " is in use by " +
          count_of(others.size(), "other session", "other sessions") + ": " + joined(others, "; "),
      "Stop Immich first (docker compose stop immich-server), and whatever else is named. What "
      "does not end by itself ends by this, in psql: SELECT pg_terminate_backend(pid) FROM "
      "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();");
}

class DatabaseRestoreRun {
public:
  /// `report` names the dump.
  DatabaseRestoreRun(DumpSource& source, const DatabaseRestoreJob& job,
                     DatabaseRestoreReport report, Progress& progress, std::stop_token stop)
      : source_(source),
        job_(job),
        report_(std::move(report)),
        progress_(progress),
        stop_(std::move(stop))
  {
    report_.header.command = "restore-database";
    report_.database = describe(address());
  }

  /// Everything that can be wrong is found before the database is touched.
  Result<CheckedDump> check()
  {
    progress_.begin("checking the dump", std::nullopt, report_.dump.bytes);
    CheckedDump checked = TRY(source_.check());
    report_.dump.bytes = checked.bytes;
    report_.dump.sha256 = checked.sha256;
    return checked;
  }

  /// What the dump itself says was set on its database.
  void set_settings(std::vector<std::string> settings)
  {
    report_.dump.settings = std::move(settings);
  }

  Result<DatabaseRestoreReport> run(const CheckedDump& checked)
  {
    if (job_.create) TRY(create(checked));
    if (Result<> filled = fill(checked); !filled)
      return report_.created && !is_whole_ ? without_database(std::move(filled).error())
                                           : std::unexpected(std::move(filled).error());
    set_again();
    if (newer_than_server_)
      report_.header.notes.push_back(*newer_than_server_ + ": it was restored all the same");
    if (!report_.dump.granted.empty())
      report_.header.notes.push_back(
          "these roles could use Immich's tables, and their rights are not restored: " +
          printable(joined(report_.dump.granted, ", ")) +
          ". For one that only reads, such as the backup's: GRANT pg_read_all_data TO it");
    for (const std::string& table : report_.dump.left_out) {
      report_.header.notes.push_back(
          table + " is empty, since the dump lacks its rows: " +
          std::string(how_to_rebuild(table).value_or("see Immich's documentation")));
    }
    return std::move(report_);
  }

private:
  const DatabaseAddress& address() const { return job_.database.address; }

  /// What the server lacks is found before there is a database that somebody has to remove again.
  Result<> create(const CheckedDump& dump)
  {
    DatabaseAddress maintenance = address();
    maintenance.database = "postgres";
    Connection connection =
        TRY(Connection::open(maintenance, stop_, Connection::Access::read_write));
    TRY(require_extensions(connection, dump));
    report_.created =
        TRY(create_database(connection, address().database, dump.inventory.encoding()));
    return {};
  }

  /// After a failure: the database of --create was made for nothing. Also after an interrupt.
  std::unexpected<Error> without_database(Error error)
  {
    DatabaseAddress maintenance = address();
    maintenance.database = "postgres";
    Result<Connection> connection =
        Connection::open(maintenance, {}, Connection::Access::read_write);
    Result<> dropped = connection ? drop_database(*connection, address().database)
                                  : std::unexpected(connection.error());
    if (dropped && left_role_) dropped = left_role_->drop(*connection);
    const std::string told =
        dropped ? "The database that --create had made was removed again."
                : "The database that --create has made could not be removed again (" +
                      dropped.error().message + "): drop it before you try again.";
    error.hint = told + (error.hint.empty() ? "" : " ") + error.hint;
    return std::unexpected(std::move(error));
  }

  Result<> fill(const CheckedDump& dump)
  {
    TRY(prepare(dump));
    progress_.begin("restoring the database", std::nullopt, report_.dump.bytes);
    return as_owner_ ? restore_as_owner(dump) : restore_as_role(dump);
  }

  Result<> prepare(const CheckedDump& dump)
  {
    Result<Connection> connection = Connection::open(address(), stop_);
    if (!connection) {
      Error error = std::move(connection).error();
      if (error.code == Errc::invalid && !job_.create)
        error.hint += " --create makes one that is not there.";
      return std::unexpected(std::move(error));
    }
    if (const std::optional<int> major = dump.inventory.server_major();
        major && *major > connection->server_major()) {
      newer_than_server_ = "the dump is of PostgreSQL " +
                           printable(dump.inventory.server_version()) +
                           ", and the server is older, " + connection->server_version();
      progress_.note(*newer_than_server_);
    }
    TRY(require_encoding(*connection, dump));
    TRY(require_extensions(*connection, dump));
    TRY(require_no_other_sessions(*connection));
    as_owner_ = !TRY(is_superuser(*connection));
    if (!as_owner_) TRY(refuse_leftovers());
    TRY(require_empty(*connection));
    fittings_ = TRY(list_fittings(*connection));
    psql_ =
        TRY(find_client("psql", connection->server_major(), job_.database.client_folder, stop_));
    return {};
  }

  /// A restore that was killed at its very end has left its role, and all tables with it. So has
  /// one that has found more than Immich's own.
  Result<> refuse_leftovers()
  {
    Connection admin = TRY(Connection::open(address(), stop_, Connection::Access::read_write));
    const std::string role =
        TRY(RestoreRole::remove_leftovers(admin, kRestorePrefix, wall_clock_now()));
    if (role.empty()) return {};
    return fail(Errc::invalid,
                "database " + describe(address()) + " holds what an earlier restore has left",
                "It belongs to the role " + role +
                    ", for that restore was killed, or it has found more than Immich's own: drop "
                    "the database, and restore into a new one.");
  }

  Result<> require_empty(Connection& connection)
  {
    Result<> empty = require_empty_database(connection);
    if (empty || empty.error().code != Errc::invalid) return empty;
    const Result<FreshImmich> fresh = require_fresh_immich(connection);
    if (!job_.replace_empty_immich) {
      if (!fresh) return empty;
      return fail(
          Errc::invalid, empty.error().message,
          "It is of an Immich that holds no photo yet: --replace-empty-immich replaces it, with " +
              count_of(fresh->users, "user", "users") + ". Stop Immich first.");
    }
    if (!fresh) return std::unexpected(fresh.error());
    report_.replaced = true;
    report_.header.notes.push_back("what Immich " + printable(fresh->version) +
                                   " had made in the database was replaced, with " +
                                   count_of(fresh->users, "user", "users"));
    return {};
  }

  /// As the role that connects, which is no superuser: a dump can do no more than Immich can.
  Result<> restore_as_owner(const CheckedDump& dump)
  {
    Connection connection = TRY(Connection::open(address(), stop_));
    DumpFilter filter({.extension = [&](std::string_view name,
                                        std::string_view schema) -> Result<DumpFilter::Extension> {
                         // What is dropped in the same transaction is still seen from here.
                         const DumpFilter::Extension found =
                             TRY(find_extension(connection, name, report_.replaced ? "" : schema));
                         const bool goes =
                             report_.replaced && found == DumpFilter::Extension::there;
                         return goes ? DumpFilter::Extension::by_dump : found;
                       },
                       .schema = [&](std::string_view name) -> Result<bool> {
                         return !report_.replaced && TRY(find_schema(connection, name));
                       }});
    const Result<> restored =
        restore(address(), filter, report_.replaced ? empty_fresh_immich() : "");
    if (!restored) return with_what_is_left(connection, restored.error());
    is_whole_ = true;
    count(address(), dump.inventory.tables());
    name_extra(address());
    return {};
  }

  /// As a role of our own, which may fill this database and nothing else: to a superuser, a dump
  /// could do anything on the server. All that is asked about what the dump has made is asked as
  /// this role, too, since a view may run any function.
  Result<> restore_as_role(const CheckedDump& dump)
  {
    Connection admin = TRY(Connection::open(address(), stop_, Connection::Access::read_write));
    // In a transaction of its own: what a new Immich has made is nobody's loss.
    if (report_.replaced) TRY(admin.query(empty_fresh_immich()));
    Result<RestoreRole> role =
        RestoreRole::create(admin, address(), kRestorePrefix, wall_clock_now(), stop_);
    if (!role) return with_what_is_left(admin, role.error());
    DumpFilter filter(
        {.extension =
             [&](std::string_view name, std::string_view schema) {
               return provide_extension(admin, name, schema);
             },
         .schema = [&](std::string_view name) { return role->provide_schema(admin, name); }});
    const Result<> restored = restore(role->address(), filter, "");
    is_whole_ = restored.has_value();
    if (restored) {
      count(role->address(), dump.inventory.tables());
      if (!name_extra(role->address())) return keep(*role, admin);
    }
    if (!restored) {
      if (report_.created) {
        left_role_ = std::move(*role);  // it goes with the database
        return with_what_is_left(admin, restored.error());
      }
      // What is there all the same, the dump has committed: it is given to nobody.
      static_cast<void>(require_empty_database(admin) ? role->hand_over(admin)
                                                      : role->close(admin));
      return with_what_is_left(admin, restored.error());
    }
    const Result<> handed_over = role->hand_over(admin);
    if (handed_over) return {};
    return std::unexpected(in_context(
        "the database was restored, and could not be given to its owner", handed_over.error()));
  }

  /// What was set on the database itself, as far as it is Immich's.
  void set_again()
  {
    if (report_.dump.settings.empty()) return;
    Result<Connection> connection =
        Connection::open(address(), stop_, Connection::Access::read_write);
    std::vector<std::string> schemas;
    if (connection) schemas = schemas_of_extensions(*connection).value_or(schemas);
    for (const std::string& setting : report_.dump.settings) {
      const std::optional<std::string> known = setting_to_restore(setting, schemas);
      Result<> set = known && connection ? alter_database(*connection, *known)
                                         : fail(Errc::invalid, "this program does not know it");
      if (!connection && known) set = std::unexpected(connection.error());
      if (set) {
        report_.settings.push_back(setting);
        continue;
      }
      report_.header.notes.push_back("the database had the setting " + printable(setting) +
                                     ", which is not set again (" + set.error().message +
                                     "): if Immich needs it, ALTER DATABASE ... SET");
    }
  }

  static Result<> alter_database(Connection& connection, const std::string& setting)
  {
    const Connection::Rows name =
        TRY(connection.query("SELECT pg_catalog.quote_ident(pg_catalog.current_database())"));
    TRY(connection.query("ALTER DATABASE " + name.at(0).at(0).value_or("") + " SET " + setting));
    return {};
  }

  /// Whether the database holds nothing but Immich's own.
  bool name_extra(const DatabaseAddress& as)
  {
    progress_.begin("looking for what is not Immich's", std::nullopt, std::nullopt);
    Findings findings(progress_, report_.header);
    report_.more_than_immichs = name_extra_objects(as, RestoredFor::use, findings, stop_);
    return report_.more_than_immichs == 0U;
  }

  /// The server runs some of it for its owner, without anybody's asking: the function of an index
  /// when it gathers statistics. So it is not given to one who may do more than this role.
  Result<> keep(RestoreRole& role, Connection& admin)
  {
    TRY(role.close(admin).context("the database was restored, and its role is still open"));
    const std::string give = TRY(role.sql_to_hand_over(admin));
    report_.held_by = role.address().user;
    report_.header.notes.push_back(
        "all of it belongs to the role " + report_.held_by +
        " for now, which may do nothing else, because the server itself runs some of what a "
        "database holds, as its owner. Once you have removed what is not Immich's, give it away, "
        "as a superuser in this database: " +
        printable(give));
    return {};
  }

  Result<> restore(const DatabaseAddress& as, DumpFilter& filter, const std::string& first)
  {
    DatabaseRestore restore = TRY(DatabaseRestore::start(psql_, as, stop_, first));
    const ByteSink to_psql = [&](ByteView sql) { return restore.write(sql); };
    std::optional<Error> refused;  // by the server: it is not the source that has failed
    const Result<CheckedDump> read = source_.read([&](ByteView sql) {
      Result<> taken = filter.write(sql, to_psql);
      if (!taken) refused = taken.error();
      return taken;
    });
    if (refused) return std::unexpected(*std::move(refused));
    if (!read) return std::unexpected(read.error());
    if (read->sha256 != report_.dump.sha256)
      return fail(Errc::io, "the dump has changed while it was restored",
                  "Let nobody write to it, and try again.");
    TRY(filter.finish(to_psql));
    TRY(restore.commit());
    for (const std::string& each : filter.left_out())
      report_.header.notes.push_back(printable(each) + " was left out: Immich does not use it");
    return {};
  }

  /// After a failure. Asks the server: a dump may have ended the transaction itself.
  std::unexpected<Error> with_what_is_left(Connection& connection, Error error) const
  {
    if (newer_than_server_) error = in_context(*newer_than_server_, std::move(error));
    if (error.code != Errc::cancelled && !report_.created)
      error.hint = what_is_left(connection) + (error.hint.empty() ? "" : " ") + error.hint;
    return std::unexpected(std::move(error));
  }

  std::string what_is_left(Connection& connection) const
  {
    constexpr std::string_view kNotAsked = "What the database holds now could not be asked.";
    const Result<std::vector<std::string>> others = other_sessions(connection);
    if (!others) return std::string(kNotAsked);
    if (!others->empty())
      return "What the database holds now is not settled: it is still in use by " +
             joined(*others, "; ") + ".";
    const Result<> empty = require_empty_database(connection);
    if (!empty && empty.error().code != Errc::invalid) return std::string(kNotAsked);
    const bool is_fresh =
        !empty && report_.replaced && as_owner_ && require_fresh_immich(connection).has_value();
    if (!empty && !is_fresh)
      return "The database holds a part of the dump now, or all of it: drop it, and restore into a "
             "new one.";
    const Result<std::vector<std::string>> fittings = list_fittings(connection);
    if (!fittings) return std::string(kNotAsked);
    return what_has_changed(*fittings);
  }

  /// Of a database that holds no more than before.
  std::string what_has_changed(const std::vector<std::string>& fittings) const
  {
    const bool is_emptied = report_.replaced && !as_owner_;
    std::vector<std::string> added, gone;
    std::ranges::set_difference(fittings, fittings_, std::back_inserter(added));
    std::ranges::set_difference(fittings_, fittings, std::back_inserter(gone));
    std::string text;
    if (is_emptied) text = "What the new Immich had made in the database is gone";
    if (!added.empty())
      text += (text.empty() ? "The database is as it was" : "") + std::string(", but it has ") +
              printable(joined(added, ", ")) + " now";
    if (!gone.empty() && !is_emptied)
      text += (text.empty() ? "The database is as it was" : "") + std::string(", but it lacks ") +
              printable(joined(gone, ", ")) + " now";
    if (text.empty()) return "Nothing was changed in the database.";
    if (is_emptied && added.empty()) text += ", and nothing else was changed";
    return text + ".";
  }

  /// The database is restored: that its rows cannot be counted does not undo it.
  void count(const DatabaseAddress& as, const std::vector<TableRows>& tables)
  {
    if (const Result<> counted = count_rows(as, tables); !counted)
      report_.header.notes.push_back("the restored rows could not be counted: " +
                                     counted.error().message);
  }

  Result<> count_rows(const DatabaseAddress& as, const std::vector<TableRows>& tables)
  {
    progress_.begin("counting the restored rows", std::nullopt, std::nullopt);
    Connection connection = TRY(Connection::open(as, stop_));
    TRY(search_extensions(connection));
    report_.assets = TRY(read_immich_facts(connection)).assets;
    for (const RowDifference& difference : TRY(compare_rows(connection, tables))) {
      report_.header.problems.push_back(
          {.path = "",
           .code = "rows_differ",
           .message = printable(difference.wanted.table) + ": the dump has " +
                      count_of(difference.wanted.rows, "row", "rows") + ", the database " +
                      (difference.found ? format_count(*difference.found) : "no such table"),
           .hint =
               "Something else has written into the database meanwhile. Restore into a new one."});
    }
    report_.tables = tables.size();
    report_.rows = rows_of(tables);
    report_.counted = true;
    // Of a dump that is newer than its count by a moment, the two may differ.
    if (report_.restore_point && report_.dump.assets != report_.assets) {
      report_.header.notes.push_back("the restore point recorded " +
                                     format_count(report_.dump.assets) +
                                     " assets, and its dump holds " + format_count(report_.assets));
    }
    return {};
  }

  DumpSource& source_;
  const DatabaseRestoreJob& job_;
  DatabaseRestoreReport report_;
  Progress& progress_;
  std::stop_token stop_;
  std::optional<std::string> newer_than_server_;
  std::string psql_;
  std::vector<std::string> fittings_;     // of the database, before it is touched
  bool as_owner_ = false;                 // the role that connects is no superuser
  bool is_whole_ = false;                 // the dump was committed to its end
  std::optional<RestoreRole> left_role_;  // of a restore that failed in a database of our own
};

}  // namespace

Result<DatabaseRestoreReport> run_restore_database(const Session& session,
                                                   const DatabaseRestoreJob& job)
{
  DumpChoice choice = TRY(choose_dump(session, job.dump, job.at));
  DatabaseRestoreReport report{.dump = std::move(choice.dump),
                               .restore_point = choice.restore_point};
  report.header.store = session.store.url();
  report.header.notes = std::move(choice.notes);
  std::optional<Sha256> expected;
  if (report.restore_point) expected = report.dump.sha256;
  StoredDump source(session, report.dump.object, expected);
  DatabaseRestoreRun run(source, job, std::move(report), session.progress, session.stop);
  return run.run(TRY(run.check()));
}

Result<DatabaseRestoreReport> run_restore_database(const std::string& dump_file,
                                                   const DatabaseRestoreJob& job,
                                                   Progress& progress, const std::stop_token& stop)
{
  DatabaseRestoreReport report;
  report.dump_file = dump_file;
  const Result<InputFile> file = InputFile::open(dump_file);
  if (!file && file.error().code == Errc::not_found)
    return fail(Errc::invalid, file.error().message,
                "--dump names a file, or by database/NAME an object of the store.");
  if (!file) return std::unexpected(file.error());
  report.dump.bytes = TRY(file->stat()).size;
  DumpFile source(dump_file, job.database.address.database, progress, stop);
  DatabaseRestoreRun run(source, job, std::move(report), progress, stop);
  const CheckedDump checked = TRY(run.check());
  run.set_settings(source.settings());
  return run.run(checked);
}

}  // namespace ib
