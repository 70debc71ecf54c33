// SPDX-License-Identifier: Apache-2.0
// A run of this program as the child of another one.
#pragma once

#include "cli/command_line.hpp"
#include "cli/option.hpp"
#include "core/schedule/agenda.hpp"
#include "sys/subprocess.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ib {

/// Files with credentials that only some jobs get.
struct JobCredentials {
  std::optional<std::string> reader;  ///< of verify and the drill, in place of the backup's
  std::optional<std::string> pruner;  ///< of prune, in place of the backup's
};

using Variables = std::vector<std::pair<std::string, std::string>>;

/// The program that does `job` with the settings of this process: its environment, its config files
/// and what of its command line the job's command takes. It gets the credentials that the job
/// needs, and no others: a backup alone knows the database, and a drill alone its own server.
/// `parents` are the options of this process's command that are its own. Nobody answers it, and its
/// log is JSON, with a line a second.
Program program_of(Job job, const CommandLine& line, const Options& parents,
                   const JobCredentials& credentials, Variables environment);

/// The same for a command that only looks, such as {"status", "--json"}: with the reader's
/// credential where there is one, and where it is doctor, with all that a backup has.
Program program_to_look(const std::vector<std::string>& arguments, const CommandLine& line,
                        const Options& parents, const JobCredentials& credentials,
                        Variables environment);

/// Replaces what names a credential of a bucket by the file.
void use_credentials(Variables& environment, const std::string& file);

}  // namespace ib
