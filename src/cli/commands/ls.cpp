// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/ls.hpp"

#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/files.hpp"
#include "core/selection/scope.hpp"
#include "report/ls.hpp"
#include "sys/system.hpp"

namespace ib {
namespace {

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const LsJob job = TRY(ls_job(invocation.settings(), invocation.arguments(), wall_clock_now()));
  TRY(invocation.begin_listing("files", "    size  {time              }  path"));
  TRY(run_ls(session, job, [&](const FileRecord& record) {
    return invocation.show(invocation.json() ? ls_json(record) : ls_line(record));
  }));
  return invocation.end_listing();
}

}  // namespace

Result<LsJob> ls_job(const Settings& settings, std::vector<std::string> patterns, Timestamp now)
{
  TRY(parse_patterns(patterns));
  const std::optional<Timestamp> at = TRY(settings.point_in_time("at", now));
  return LsJob{.patterns = std::move(patterns),
               .at = at,
               .as_in_library = TRY(settings.flag("as-in-library"))};
}

Command make_ls_command()
{
  return {
      .name = "ls",
      .group = CommandGroup::looking,
      .summary = "list the files of a restore point",
      .description = R"(
          Lists size, time and path of the files that a restore brings, below the media root.
          Patterns are those of .gitignore.)",
      .arguments = "[PATTERN...]",
      .examples = {{"immich-backup ls /upload/", "one folder"},
                   {"immich-backup ls --at 30d '*.heic'", "these, as they were 30 days ago"}},
      .options = joined(
          {{store_option(), at_option("the restore point to list"), as_in_library_option("list")},
           common_options()}),
      .shows_progress = false,
      .run = run,
  };
}

}  // namespace ib
