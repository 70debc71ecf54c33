// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

#include <string>

namespace ib {

/// The purpose of the program and its commands. The commands that most people need come first.
std::string help_text();

/// The help of one command: what it does, its options by group with their names in the
/// environment, examples and exit statuses.
std::string help_text(const Command& command);

}  // namespace ib
