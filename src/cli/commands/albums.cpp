// SPDX-License-Identifier: Apache-2.0
#include "app/query/albums.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/files.hpp"
#include "cli/options/spending.hpp"
#include "sys/system.hpp"

namespace ib {
namespace {

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const AlbumsJob job{.at = TRY(invocation.settings().point_in_time("at", wall_clock_now()))};
  return invocation.conclude(run_albums(session, job));
}

}  // namespace

Command make_albums_command()
{
  return {
      .name = "albums",
      .group = CommandGroup::looking,
      .summary = "list the albums of a restore point",
      .description = R"(
          Reads the dump of a restore point and lists its albums: the number of photos and videos,
          their days, the owner and the name. restore --album takes such a name.)",
      .statuses = {{4, "the dump is damaged"}},
      .examples = {{"immich-backup albums"},
                   {"immich-backup albums --at 30d", "as they were 30 days ago"}},
      .options = joined({{store_option(), at_option("the restore point whose dump is read"),
                          budget_option("refuse if reading the dump costs more than this"),
                          ask_above_option(), yes_option()},
                         price_options(),
                         common_options()}),
      .reads_contents = Command::always,
      .run = run,
  };
}

}  // namespace ib
