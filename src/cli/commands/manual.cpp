// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.hpp"

#include "base/suggestion.hpp"
#include "base/text.hpp"
#include "cli/commands/all.hpp"
#include "cli/invocation.hpp"

namespace ib {
namespace {

Result<Conclusion> run(Invocation& invocation)
{
  const std::vector<std::string>& names = invocation.arguments();
  if (names.empty()) return Conclusion{.results = manual_page()};
  const Command* command = names.size() == 1 ? find_command(names.front()) : nullptr;
  if (command == nullptr)
    return fail(Errc::invalid, "there is no command '" + printable(names.back()) + "'",
                "`immich-backup --help` lists them.");
  return Conclusion{.results = manual_page(*command)};
}

}  // namespace

Command make_manual_command()
{
  return {
      .name = "manual",
      .group = CommandGroup::program,
      .summary = "print a manual page for man",
      .description =
          "Prints the manual page of this program or of one of its commands, as man reads it. "
          "The Debian package has them all.",
      .arguments = "[COMMAND]",
      .examples = {{"immich-backup manual backup | man -l -"}},
      .run = run,
  };
}

}  // namespace ib
