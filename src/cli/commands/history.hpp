// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/query/history.hpp"
#include "cli/command_line.hpp"

#include <string>
#include <vector>

namespace ib {

Result<HistoryJob> history_job(std::vector<std::string> paths);

/// The beginning of a command line that restores from the same store: "immich-backup restore" with
/// the --store and --config of `line`.
std::string restore_command_of(const CommandLine& line);

}  // namespace ib
