// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

#include <string>

namespace ib {

/// The page immich-backup(1), in the macros of man(7).
std::string manual_page();

/// The page immich-backup-COMMAND(1). It says what the command's help says.
std::string manual_page(const Command& command);

}  // namespace ib
