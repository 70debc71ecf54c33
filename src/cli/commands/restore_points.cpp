// SPDX-License-Identifier: Apache-2.0
#include "app/query/restore_points.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"

namespace ib {
namespace {

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  return invocation.conclude(run_restore_points(session));
}

}  // namespace

Command make_restore_points_command()
{
  return {
      .name = "restore-points",
      .aliases = {"snapshots"},
      .name_in_formats = "snapshots",
      .group = CommandGroup::looking,
      .summary = "list the restore points",
      .description =
          "Lists all restore points, the oldest first. Other commands take their times as --at.",
      .examples = {{"immich-backup restore-points"}},
      .options = joined({{store_option()}, common_options()}),
      .shows_progress = false,
      .run = run,
  };
}

}  // namespace ib
