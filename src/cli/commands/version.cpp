// SPDX-License-Identifier: Apache-2.0
#include "base/version.hpp"
#include "cli/command.hpp"

namespace ib {
namespace {

Result<Conclusion> run(Invocation& /*invocation*/)
{
  return Conclusion{.results = "immich-backup " + std::string(kVersion) + "\n"};
}

}  // namespace

Command make_version_command()
{
  return {
      .name = "version",
      .group = CommandGroup::program,
      .summary = "print the program's version",
      .description = "Prints the program's version.",
      .run = run,
  };
}

}  // namespace ib
