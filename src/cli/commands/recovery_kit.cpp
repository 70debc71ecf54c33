// SPDX-License-Identifier: Apache-2.0
#include "app/query/recovery_kit.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/spending.hpp"

namespace ib {
namespace {

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  return invocation.conclude(run_recovery_kit(session));
}

}  // namespace

Command make_recovery_kit_command()
{
  return {
      .name = "recovery-kit",
      .group = CommandGroup::keeping,
      .summary = "one page to print for the worst day",
      .description = R"(
          Prints one page without secrets: where the backup is, what it holds, what a restore costs,
          what else to keep outside the house, and the commands that bring everything back.)",
      .examples = {{"immich-backup recovery-kit | lp", "print it"}},
      .options =
          joined({{store_option()}, backups_class_options(), price_options(), common_options()}),
      .shows_progress = false,
      .run = run,
  };
}

}  // namespace ib
