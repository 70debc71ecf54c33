// SPDX-License-Identifier: Apache-2.0
// All commands and all options that they take.
#pragma once

#include "cli/command.hpp"

#include <span>
#include <string_view>

namespace ib {

std::span<const Command> all_commands();
/// The command with this name or alias. Null if there is none.
const Command* find_command(std::string_view name);

/// Each option once, in the form that it has in the first command that takes it. In other commands
/// the help may differ, but nothing that matters for parsing.
std::span<const Option> all_options();
const Option* find_option(std::string_view name);

}  // namespace ib
