// SPDX-License-Identifier: Apache-2.0
#include "app/prune.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/notices.hpp"
#include "cli/options/spending.hpp"

namespace ib {
namespace {

Result<PruneJob> prune_job(const Settings& settings)
{
  constexpr std::uint64_t kMost = 1'000'000;
  const auto number = [&](std::string_view option) -> Result<unsigned> {
    return static_cast<unsigned>(TRY(settings.number(option, 0, kMost)).value_or(0));
  };
  PruneJob job;
  job.rules = {.last = TRY(number("keep-last")),
               .daily = TRY(number("keep-daily")),
               .weekly = TRY(number("keep-weekly")),
               .monthly = TRY(number("keep-monthly")),
               .yearly = TRY(number("keep-yearly"))};
  job.remove = TRY(settings.flag("yes"));
  return job;
}

Options rule_options()
{
  return {
      keep_last_option("keep the newest N restore points"),
      {.name = "keep-daily",
       .metavar = "N",
       .help = "also keep the newest restore point of each of the last N days (UTC) that have one"},
      {.name = "keep-weekly",
       .metavar = "N",
       .help = "the same for the last N weeks, which begin on Monday"},
      {.name = "keep-monthly", .metavar = "N", .help = "the same for the last N months"},
      {.name = "keep-yearly", .metavar = "N", .help = "the same for the last N years"},
      yes_option("remove; without --yes, prune only shows what it would remove",
                 OptionGroup::needed),
  };
}

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  return invocation.conclude(run_prune(session, TRY(prune_job(invocation.settings()))));
}

}  // namespace

Command make_prune_command()
{
  return {
      .name = "prune",
      .group = CommandGroup::keeping,
      .summary = "remove restore points and dumps that are too old",
      .description = R"(
          Shows which restore points the --keep options keep and what it would remove: the other
          restore points, with the dumps, manifests and marks of finished runs that only they need,
          and old proofs. With --yes, removes it. Never removes a file that the library has or had,
          the last good dump, or the newest complete restore point. Needs a credential that may
          delete. The backup's own credential need not.)",
      .statuses = {{3, "a restore point is damaged; it stays, with everything that it may need"}},
      .examples = {{"immich-backup prune --keep-last 14 --keep-monthly 12",
                    "show what it would remove"},
                   {"immich-backup prune --keep-last 14 --keep-monthly 12 --yes", "remove it"}},
      .options = joined(
          {{store_option()}, rule_options(), price_options(), common_options(), notice_options()}),
      .run = run,
  };
}

}  // namespace ib
