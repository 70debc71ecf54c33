// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.hpp"
#include "cli/settings.hpp"

#include <string>
#include <vector>

namespace ib {

/// A warning for each password that other users of this machine can read: on the command line, or
/// in a config file whose permissions let them.
std::vector<std::string> warnings_about(const CommandLine& line, const Settings& settings);

}  // namespace ib
