// SPDX-License-Identifier: Apache-2.0
//
// Every command, and every option that any of them takes.
#pragma once

#include "cli/command.hpp"

#include <span>
#include <string_view>

namespace ib {

std::span<const Command> all_commands();
/// By its name or an alias; null where there is none.
const Command* find_command(std::string_view name);

/// Each once, as the first command that takes it has it. In other commands its help may differ,
/// but nothing that parsing asks for.
std::span<const Option> all_options();
const Option* find_option(std::string_view name);

}  // namespace ib
