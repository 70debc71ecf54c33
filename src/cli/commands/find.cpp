// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/find.hpp"

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/files.hpp"
#include "report/find.hpp"

#include <algorithm>

namespace ib {
namespace {

Options own_options()
{
  Option sha1 = sha256_option("the same by SHA-1, as Immich's database has it");
  sha1.name = "sha1";
  return {
      {.name = "content",
       .help = "take the arguments as files and folders of this machine, "
               "and say whether the backup has their content",
       .command_line_only = true},
      sha256_option("find the paths whose content has or had this digest"),
      sha1,
  };
}

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const FindJob job = TRY(find_job(invocation.settings(), invocation.arguments()));
  const bool json = invocation.json();
  TRY(invocation.begin_listing("found", "    size  {time              }  path"));
  FindReport report =
      TRY(run_find(session, job,
                   {.found =
                        [&](const FoundPath& found) {
                          return invocation.show(json ? found_json(found.state, found.file)
                                                      : found_line(found.state, found.file));
                        },
                    .problem =
                        [&](const Problem& problem) {
                          return json ? Result<>() : invocation.show(not_found_line(problem));
                        }}));
  report.header.elapsed = invocation.elapsed();
  return Conclusion{.results = json ? listing_json_end(report) : find_summary(report),
                    .outcome = outcome_of(report)};
}

}  // namespace

Result<FindJob> find_job(const Settings& settings, std::vector<std::string> arguments)
{
  FindJob job;
  job.sha256s = TRY(digests<Sha256>(settings, "sha256"));
  job.sha1s = TRY(digests<Sha1>(settings, "sha1"));
  const bool content = TRY(settings.flag("content"));
  const bool digest = !job.sha256s.empty() || !job.sha1s.empty();
  const bool named = !arguments.empty() && std::ranges::none_of(arguments, &std::string::empty);
  if (content && digest)
    return fail(Errc::invalid, "--content cannot be combined with --sha256 or --sha1");
  if (digest && !arguments.empty()) {
    return fail(Errc::invalid,
                "'" + printable(arguments.front()) + "': --sha256 and --sha1 take no arguments",
                "Look for the name without --sha256 and --sha1.");
  }
  if (!digest && !named) {
    return fail(Errc::invalid,
                content ? "--content: no file is named" : "nothing is named to look for",
                content ? "Name files or folders of this machine."
                        : "Name a part of a path, or use --content, --sha256 or --sha1.");
  }
  (content ? job.files : job.names) = std::move(arguments);
  return job;
}

Command make_find_command()
{
  return {
      .name = "find",
      .group = CommandGroup::looking,
      .summary = "find a file by its name or its content",
      .description = R"(
          Looks through all paths that ever were in the backup, including those that the library no
          longer has. TEXT is a part of a path, or with * ? [ a pattern as in .gitignore. Upper and
          lower case are the same, and so are accents in one character or apart. With --content, says whether and where the backup has the content
          of files on this machine, whatever their names are.)",
      .arguments = "[TEXT|PATTERN|FILE...]",
      .statuses = {{3, "nothing was found, or with --content: something was not found"}},
      .examples = {{"immich-backup find dsc0100", "every path that contains this"},
                   {"immich-backup find '*.heic'"},
                   {"immich-backup find --content /media/stick/DCIM", "may this card be erased?"},
                   {"immich-backup find --sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
                    "an asset of Immich by its checksum"}},
      .options = joined({{store_option()}, own_options(), common_options()}),
      .shows_progress = false,
      .run = run,
  };
}

}  // namespace ib
