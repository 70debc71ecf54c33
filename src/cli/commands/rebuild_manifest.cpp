// SPDX-License-Identifier: Apache-2.0
#include "app/rebuild.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"

namespace ib {
namespace {

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const bool only_redates = TRY(invocation.settings().flag("redate"));
  return invocation.conclude(only_redates ? run_redate(session) : run_rebuild_manifest(session));
}

}  // namespace

Command make_rebuild_manifest_command()
{
  return {
      .name = "rebuild-manifest",
      .group = CommandGroup::proving,
      .summary = "make the manifest again from the store",
      .description = R"(
          For a store whose manifest is lost or damaged. Takes the newest manifest that it can read
          and everything in the store, and writes a new manifest and restore point. Overwrites
          nothing.

          With --redate it does something else, and only that: after a night on which this machine's
          clock was ahead, what is dated after the clock gets the date of today.)",
      .statuses = {{3, "incomplete: the report names what it could not recover"}},
      .examples = {{"immich-backup rebuild-manifest"}},
      .options = joined({{store_option(),
                          {.name = "redate",
                           .help = "give manifests, restore points and proofs that are dated after "
                                   "the store's clock the date of today",
                           .command_line_only = true}},
                         common_options()}),
      .keys = KeyUse::signs,
      .run = run,
  };
}

}  // namespace ib
