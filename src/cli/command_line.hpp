// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "cli/command.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// What the command line says, before environment and config file are asked.
struct CommandLine {
  const Command* command = nullptr;  ///< null: none was named
  bool help = false;
  bool version = false;
  /// Values by the option's name; a flag's value is "true".
  std::map<std::string, std::vector<std::string>, std::less<>> options = {};
  std::vector<std::string> arguments = {};
};

/// `program` is argv[0]: under the name of a command that is a program, the program is that
/// command. Errors are `invalid`, with what was probably meant.
Result<CommandLine> parse_command_line(std::string_view program,
                                       const std::vector<std::string>& arguments);

}  // namespace ib
