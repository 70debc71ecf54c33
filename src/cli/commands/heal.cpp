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
    return fail(Errc::invalid, "no library is named: where are the files to be healed?",
                "Use --library DIR.");
  if (job.files.empty()) {
    return fail(Errc::invalid, "no file is named: which ones are to be healed?",
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
          Looks at each FILE that is named, and says whether it is whole. With --yes it puts what is
          stored in its place where it is missing or holds other bytes, compared with its recorded
          checksums first. Bytes that the backup does not hold are never replaced. It is the only
          command that writes into the library.)",
      .arguments = "FILE...",
      .statuses = {{3, "incomplete: the report names what was left alone, and why"},
                   {4, "what is stored of a file is damaged: nothing of it was written"}},
      .examples = {{"immich-backup heal /upload/1f/2e/photo.jpg", "is it whole?"},
                   {"immich-backup heal /upload/1f/2e/photo.jpg --yes", "put it back"}},
      .options = joined(
          {{store_option(),
            library_option("Immich's media root, which the files are put back into"),
            yes_option(
                "put the files back, whatever it costs; without it heal says what it would do",
                OptionGroup::needed),
            owner_option(), budget_option("refuse where it costs more than this"),
            ask_above_option()},
           price_options(),
           common_options()}),
      .run = run,
  };
}

}  // namespace ib
