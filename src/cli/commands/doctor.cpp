// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/doctor.hpp"

#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/database.hpp"
#include "cli/options/files.hpp"
#include "cli/options/spending.hpp"
#include "cli/options/trust.hpp"
#include "cli/signals.hpp"
#include "sys/system.hpp"

namespace ib {
namespace {

Result<Conclusion> run(Invocation& invocation)
{
  SilentProgress progress;
  const SignalWatch signals(progress);
  const DoctorJob job = doctor_job(invocation.settings(), environment);
  return invocation.conclude(run_doctor(job, progress, signals.token()));
}

}  // namespace

DoctorJob doctor_job(const Settings& settings, const EnvironmentLookup& environment)
{
  const Result<Spending> spending = spending_of(settings, false);
  DoctorJob job{.store_options = open_options(settings, environment),
                .class_error = spending ? std::nullopt : std::optional(spending.error()),
                .layers =
                    [settings, environment](ObjectStore& store, const std::stop_token& stop) {
                      return layers_of(store, KeyUse::verifies, settings, environment, stop);
                    },
                .machine_key = machine_key_file(settings, environment),
                .library = settings.text("library"),
                .extra_roots = extra_roots(settings),
                .database = database_settings(settings),
                .scratch_parent = settings.text("scratch").value_or(""),
                .ignored_manifests = settings.list("ignore-manifest")};
  if (const Result<std::string> url = store_url(settings, environment)) job.store_url = *url;
  return job;
}

Command make_doctor_command()
{
  return {
      .name = "doctor",
      .group = CommandGroup::needed,
      .summary = "find problems and say how to solve them",
      .description = R"(
          Checks everything that a backup needs: the store, the credential and its permissions, the
          settings of the bucket, the library, the database, pg_dump and this machine. Changes
          nothing and takes some seconds. Checks only what the settings name.)",
      .statuses = {{3, "there is a problem, and the report says how to solve it"}},
      .examples = {{"immich-backup doctor",
                    "with the settings of the nightly backup in the environment"},
                   {"immich-backup doctor --store gs://my-photos", "only a bucket"},
                   {"immich-backup doctor --json | jq '.problems[]'", "for a script"}},
      .options = joined(
          {{store_option(),
            library_option("Immich's media root, the folder that holds upload/ and library/"),
            extra_root_option()},
           database_options(),
           backups_class_options(),
           price_options(),
           common_options()}),
      .shows_progress = false,
      .run = run,
  };
}

}  // namespace ib
