// SPDX-License-Identifier: Apache-2.0
#include "app/verify/drill.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/database.hpp"
#include "cli/options/files.hpp"
#include "cli/options/notices.hpp"
#include "cli/options/spending.hpp"
#include "sys/system.hpp"

namespace ib {
namespace {

/// Drills used to restore on the server of DB_*; who still sets it for that has to hear of it.
bool is_told_of_immichs_database()
{
  for (const Option& option : database_options()) {
    if (option.name != "db-url" && option.name != "db-host") continue;
    for (const std::string& name : environment_names(option))
      if (environment(name.c_str())) return true;
  }
  return false;
}

Result<DrillJob> drill_job(const Settings& settings, Timestamp now)
{
  constexpr std::uint64_t kMostMonths = 1200;
  DrillJob job;
  job.server = TRY(drill_database_settings(settings));
  job.is_told_of_immichs_database = is_told_of_immichs_database();
  job.client_folder = settings.text("pg-bin").value_or("");
  job.at = TRY(settings.point_in_time("at", now));
  job.sample = TRY(sample(settings));
  job.months = static_cast<unsigned>(
      TRY(settings.number("proven-within", 1, kMostMonths)).value_or(job.months));
  return job;
}

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const DrillJob job = TRY(drill_job(invocation.settings(), wall_clock_now()));
  return invocation.conclude(run_drill(session, job));
}

}  // namespace

Command make_drill_command()
{
  return {
      .name = "verify-restore",
      .is_a_program = true,
      .group = CommandGroup::proving,
      .summary = "prove a restore point by restoring it",
      .description = R"(
          The drill. Takes the restore point that a restore would take. Restores its dump into a
          scratch PostgreSQL, counts its rows, and looks for each original that the dump names at
          the path where a restore puts it. Then restores a part of the files into a scratch folder,
          another part each week, and compares each file with its SHA-256 and with Immich's SHA-1.
          Starts a server if PostgreSQL's programs are installed, or uses the one that --drill-db or
          DRILL_DB_* names. Never uses Immich's own server, and ignores DB_*. Without a server it
          only reads the dump, which proves nothing: exit status 3. Removes everything afterwards,
          except the proof in proofs/.)",
      .statuses = {{3, "not proven: the report names what it could not prove"},
                   {4, "damage was found, and the report names it"}},
      .examples = {{"immich-backup verify-restore", "once a week"},
                   {"immich-backup verify-restore --at 90d --budget 2",
                    "an older restore point, and more files"}},
      .options = joined(
          {{store_option(),
            at_option("the restore point to prove"),
            sample_option("read N objects back, others each week, and compare their bytes "
                          "(default: as many as are due, within --budget)"),
            {.name = "proven-within",
             .metavar = "MONTHS",
             .help =
                 "read each file back within so many months, with a drill a week (default: 12)"},
            budget_option("spend at most this, and read back as much as it pays for "
                          "(default: 0.25)"),
            ask_above_option(),
            yes_option()},
           drill_database_options(),
           price_options(),
           common_options(),
           notice_options()}),
      .reads_contents = Command::always,
      .watches = true,
      .run = run,
  };
}

}  // namespace ib
