// SPDX-License-Identifier: Apache-2.0
#include "app/query/status.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/notices.hpp"

namespace ib {
namespace {

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  return invocation.conclude(run_status(session));
}

}  // namespace

Command make_status_command()
{
  return {
      .name = "status",
      .group = CommandGroup::needed,
      .summary = "show the state of the backup",
      .description = R"(
          Shows how old and how complete the newest restore point is, what it holds, when the store
          was last verified, and which restore point to restore from.)",
      .statuses = {{3, "there is no restore point, or the newest is incomplete"},
                   {4, "the last verification found damage"}},
      .examples = {{"immich-backup status"},
                   {"immich-backup status --json | jq .age_s", "for a script that watches"}},
      .options = joined({{store_option()}, common_options(), metrics_options()}),
      .shows_progress = false,
      .run = run,
  };
}

}  // namespace ib
