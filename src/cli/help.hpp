// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

#include <string>

namespace ib {

/// What the program is, and its commands: first what most people need.
std::string help_text();

/// What one command does, its options by group with their names in the environment, examples and
/// exit statuses.
std::string help_text(const Command& command);

}  // namespace ib
