// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.hpp"

#include <string>
#include <vector>

namespace ib {

/// A warning for each password on the command line, which other users of this machine can read.
std::vector<std::string> warnings_about(const CommandLine& line);

}  // namespace ib
