// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "cli/command.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// The contents of the command line, without the environment and the config file.
struct CommandLine {
  const Command* command = nullptr;  ///< null: the line names none
  bool help = false;
  bool version = false;
  /// Values by the option's name; a flag's value is "true".
  std::map<std::string, std::vector<std::string>, std::less<>> options = {};
  std::vector<std::string> arguments = {};
};

/// `program` is argv[0]. It names the command if that command has is_a_program.
///
/// Options are --name VALUE, --name=VALUE and --flag, before or after the command. A VALUE that
/// begins with two dashes needs the equals sign. All words after "--" are arguments. --help and
/// --version win over everything else on the line.
///
/// Errors are `invalid`, with a guess at what was meant. No message repeats the value of an option,
/// because it may be a secret.
Result<CommandLine> parse_command_line(std::string_view program,
                                       const std::vector<std::string>& arguments);

}  // namespace ib
