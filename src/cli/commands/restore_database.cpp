// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/restore_database.hpp"

#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/database.hpp"
#include "cli/options/files.hpp"
#include "core/names/object_name.hpp"
#include "sys/system.hpp"

namespace ib {
namespace {

Options own_options()
{
  return {
      at_option("the restore point whose dump to restore"),
      {.name = "dump",
       .metavar = "NAME|FILE",
       .help = "restore this object under database/, or the dump in this file, instead of the "
               "restore point's dump"},
      {.name = "create", .help = "create the database first if it does not exist"},
      {.name = "replace-empty-immich",
       .help = "replace the database of a newly started Immich; "
               "refused if it contains a photo"},
  };
}

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const DatabaseRestoreJob job = TRY(database_restore_job(invocation.settings(), wall_clock_now()));
  return invocation.conclude(run_restore_database(session, job));
}

/// A dump in a file needs no store.
bool is_of_file(const Settings& settings)
{
  const std::optional<std::string> dump = settings.text("dump");
  return dump && !dump->starts_with(kDatabasePrefix);
}

Result<Conclusion> run_with_file(Invocation& invocation)
{
  const Settings& settings = invocation.settings();
  if (settings.find("at") != nullptr)
    return fail(Errc::invalid, "--at chooses a restore point, and --dump names a file");
  const DatabaseRestoreJob job = TRY(database_restore_job(settings, wall_clock_now()));
  return invocation.attended([&](Progress& progress, const std::stop_token& stop) {
    return invocation.conclude(run_restore_database(*job.dump, job, progress, stop));
  });
}

}  // namespace

Result<DatabaseRestoreJob> database_restore_job(const Settings& settings, Timestamp now)
{
  DatabaseSettings database = TRY(require_database(settings, ", for the empty database"));
  DatabaseRestoreJob job{.database = std::move(database)};
  job.at = TRY(settings.point_in_time("at", now));
  job.dump = settings.text("dump");
  job.create = TRY(settings.flag("create"));
  job.replace_empty_immich = TRY(settings.flag("replace-empty-immich"));
  return job;
}

Command make_restore_database_command()
{
  return {
      .name = "restore-database",
      .group = CommandGroup::needed,
      .summary = "put a dump back into an empty database",
      .description = R"(
          Checks the whole dump of a restore point, restores it in one transaction, and counts its
          rows. Names what the database holds beside what Immich makes. The database must be empty,
          and nobody else may be connected to it. With --dump it takes a file instead: a dump that
          Immich has made itself, or one of pg_dump or pg_dumpall, plain or gzip. If anything fails, the server is asked what the
          database holds then, and the message says it.)",
      .statuses = {{3, "it was restored, and a person has to look at it first"},
                   {4, "the dump is damaged, or no dump of pg_dump"}},
      .examples = {{"immich-backup restore-database",
                    "with DB_HOSTNAME and DB_PASSWORD in the environment"},
                   {"immich-backup restore-database --create",
                    "if the server has no database immich yet"},
                   {"immich-backup restore-database --at 2026-01-15", "as of the end of that day"},
                   {"immich-backup restore-database --dump immich-db-backup-1767225600000.sql.gz",
                    "one of Immich's own dumps; needs no store"}},
      .options = joined({{store_option()}, own_options(), database_options(), common_options()}),
      .reads_contents = Command::always,
      .run = Command::Either{.is_alone = is_of_file, .alone = run_with_file, .on_store = run},
  };
}

}  // namespace ib
