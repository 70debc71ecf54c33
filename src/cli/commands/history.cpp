// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/history.hpp"

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "report/history.hpp"

#include <algorithm>

namespace ib {
namespace {

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const HistoryJob job = TRY(history_job(invocation.arguments()));
  const std::string restore = restore_command_of(invocation.line());
  TRY(invocation.begin_listing("paths"));
  TRY(run_history(session, job, [&](const PathHistory& history) {
    return invocation.show(invocation.json() ? history_json(history, restore)
                                             : history_text(history, restore));
  }));
  return invocation.end_listing();
}

}  // namespace

Result<HistoryJob> history_job(std::vector<std::string> paths)
{
  const bool named = !paths.empty() && std::ranges::none_of(paths, &std::string::empty);
  if (!named)
    return fail(Errc::invalid, "history: no path is named",
                "`immich-backup find` looks for a file.");
  return HistoryJob{.paths = std::move(paths)};
}

std::string restore_command_of(const CommandLine& line)
{
  std::string command = "immich-backup restore";
  for (const std::string_view option : {"store", "config"}) {
    const auto given = line.options.find(option);
    if (given != line.options.end())
      command += " --" + std::string(option) + " " + shell_quoted(given->second.front());
  }
  return command;
}

Command make_history_command()
{
  return {
      .name = "history",
      .group = CommandGroup::looking,
      .summary = "show every state that a file was in",
      .description = R"(
          Shows for each path when its content changed, when it was gone and came back, which object
          of the store holds each state, and the command that restores it. A PATH is below the media
          root. It may also be the name of an object, or a pattern as in .gitignore.)",
      .arguments = "PATH...",
      .examples = {{"immich-backup history /upload/3f2b8c1e/0a/1b/photo.jpg.xmp"},
                   {"immich-backup history '*.xmp'", "all sidecars"}},
      .options = joined({{store_option()}, common_options()}),
      .shows_progress = false,
      .run = run,
  };
}

}  // namespace ib
