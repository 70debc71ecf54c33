// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.hpp"

#include <string>
#include <vector>

namespace ib {

/// A warning for each secret on the command line. Other users of this machine can read it.
std::vector<std::string> warnings_about(const CommandLine& line);

}  // namespace ib
