// SPDX-License-Identifier: Apache-2.0
#include "app/restore/heal.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/files.hpp"
#include "cli/options/spending.hpp"

namespace ib {
namespace {

Result<HealJob> heal_job(const Settings& settings, std::vector<std::string> files)
{
  HealJob job{.library = settings.text("library").value_or(""), .files = std::move(files)};
  if (job.library.empty())
    return fail(Errc::invalid, "no library is named to heal files in", "Use --library DIR.");
  if (job.files.empty()) {
    return fail(Errc::invalid, "no file is named to heal",
                "The reports of `backup` and `verify` name them.");
  }
  job.write = TRY(settings.flag("yes"));
  job.owner = TRY(owner(settings));
  return job;
}

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const HealJob job = TRY(heal_job(invocation.settings(), invocation.arguments()));
  return invocation.conclude(run_heal(session, job));
}

}  // namespace

Command make_heal_command()
{
  return {
      .name = "heal",
      .group = CommandGroup::proving,
      .summary = "put a good copy back over a damaged or missing file of the library",
      .description = R"(
          Looks at each FILE and says whether it is intact. With --yes, replaces a missing or
          changed file by the stored copy, after comparing the copy with its recorded checksums.
          Never replaces bytes that the backup does not have. It is the only command that writes
          into the library.)",
      .arguments = "FILE...",
      .statuses = {{3, "incomplete: the report names the files that it left alone, and why"},
                   {4, "the stored copy of a file is damaged; it was not written"}},
      .examples = {{"immich-backup heal /upload/1f/2e/photo.jpg", "is it intact?"},
                   {"immich-backup heal /upload/1f/2e/photo.jpg --yes", "put it back"}},
      .options = joined(
          {{store_option(),
            library_option("Immich's media root, into which the files are put back"),
            yes_option("put the files back, whatever it costs; "
                       "without --yes, heal only shows what it would do",
                       OptionGroup::needed),
            owner_option(), budget_option("refuse if it costs more than this"), ask_above_option()},
           price_options(),
           common_options()}),
      .reads_contents = Command::always,
      .run = run,
  };
}

}  // namespace ib
