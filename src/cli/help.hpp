// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/options.hpp"

#include <string>

namespace ib {

/// What the program is, and its commands.
std::string help_text();

/// What one command does, its options with their names in the environment, examples and exit
/// statuses.
std::string help_text(Verb command);

}  // namespace ib
