// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/restore_database.hpp"

#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/database.hpp"
#include "cli/options/files.hpp"
#include "sys/system.hpp"

namespace ib {
namespace {

Options own_options()
{
  return {
      at_option("the restore point whose dump to restore"),
      {.name = "dump",
       .metavar = "NAME",
       .help = "restore this object under database/ instead of the restore point's dump"},
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
          and nobody else may be connected to it. If anything fails, the server is asked what the
          database holds then, and the message says it.)",
      .statuses = {{3, "it was restored, and a person has to look at it first"},
                   {4, "the dump is damaged, or no dump of pg_dump"}},
      .examples = {{"immich-backup restore-database",
                    "with DB_HOSTNAME and DB_PASSWORD in the environment"},
                   {"immich-backup restore-database --create",
                    "if the server has no database immich yet"},
                   {"immich-backup restore-database --at 2026-01-15", "as of the end of that day"}},
      .options = joined({{store_option()}, own_options(), database_options(), common_options()}),
      .run = run,
  };
}

}  // namespace ib
