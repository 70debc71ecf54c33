// SPDX-License-Identifier: Apache-2.0
// What the help and the manual pages say alike.
#pragma once

#include "cli/command.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ib {

inline constexpr std::string_view kPurpose =
    "backs up an Immich photo library and its database: incremental, append-only, proven";

std::string_view title(CommandGroup group);
std::string_view title(OptionGroup group);

/// "--workers N|auto". A secret has no option on the command line: its name alone.
std::string term_of(const Option& option);
/// What it does, and whether it can be repeated.
std::string meaning_of(const Option& option);

/// All exit statuses of a command.
std::vector<StatusHelp> statuses_of(const Command& command);

}  // namespace ib
