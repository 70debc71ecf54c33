// SPDX-License-Identifier: Apache-2.0
#include "app/query/cost.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/spending.hpp"

namespace ib {
namespace {

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  return invocation.conclude(run_cost(session));
}

}  // namespace

Command make_cost_command()
{
  return {
      .name = "cost",
      .group = CommandGroup::looking,
      .summary = "show what the backup costs",
      .description = R"(
          Shows how much is stored, by kind and storage class, what it costs per month now and at
          the end of the year, and what a full restore would cost.)",
      .examples = {{"immich-backup cost"},
                   {"immich-backup cost --json | jq .usd_month", "for a script that watches"}},
      .options =
          joined({{store_option()}, backups_class_options(), price_options(), common_options()}),
      .shows_progress = false,
      .run = run,
  };
}

}  // namespace ib
