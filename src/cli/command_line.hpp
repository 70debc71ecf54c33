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
/// command.
///
/// Options are --name VALUE, --name=VALUE and --flag, before or after the command. A VALUE that
/// begins with two dashes needs the equals sign. After "--" all words are arguments. Help and the
/// version are answered whatever else is said.
///
/// Errors are `invalid`, with what was probably meant. No message repeats an option's value, which
/// may be a secret.
Result<CommandLine> parse_command_line(std::string_view program,
                                       const std::vector<std::string>& arguments);

}  // namespace ib
