// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"

namespace ib {
namespace {

Result<Conclusion> run(Invocation& invocation)
{
  const std::vector<std::string>& shells = invocation.arguments();
  return Conclusion{.results = TRY(completion_script(shells.size() == 1 ? shells.front() : ""))};
}

}  // namespace

Command make_completion_command()
{
  return {
      .name = "completion",
      .group = CommandGroup::program,
      .summary = "print a completion script for a shell",
      .description =
          "Prints a script that makes a shell complete this program's commands and options.",
      .arguments = "bash|zsh|fish",
      .argument_words = {"bash", "zsh", "fish"},
      .examples = {{"source <(immich-backup completion bash)", "in ~/.bashrc"}},
      .run = run,
  };
}

}  // namespace ib
