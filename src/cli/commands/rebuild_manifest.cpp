// SPDX-License-Identifier: Apache-2.0
#include "app/rebuild.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"

namespace ib {
namespace {

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  return invocation.conclude(run_rebuild_manifest(session));
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
          nothing.)",
      .statuses = {{3, "incomplete: the report names what it could not recover"}},
      .examples = {{"immich-backup rebuild-manifest"}},
      .options = joined({{store_option()}, common_options()}),
      .keys = KeyUse::signs,
      .run = run,
  };
}

}  // namespace ib
