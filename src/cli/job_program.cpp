// SPDX-License-Identifier: Apache-2.0
#include "cli/job_program.hpp"

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/commands/all.hpp"
#include "cli/options/database.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace ib {
namespace {

/// Options that say how this process itself talks, and one that is a part of the environment now.
constexpr std::array<std::string_view, 4> kOwn{"quiet", "log-format", "log-interval", "env"};

void remove(Variables& variables, std::string_view name)
{
  std::erase_if(variables, [&](const auto& variable) { return variable.first == name; });
}

void remove_all(Variables& variables, const Options& options)
{
  for (const Option& option : options)
    for (const std::string& name : environment_names(option)) remove(variables, name);
}

/// What of a command line the command takes.
void pass_on(const CommandLine& line, const Command& command, std::vector<std::string>& argv)
{
  for (const auto& [name, values] : line.options) {
    const Option* option = command.find_option(name);
    if (option == nullptr || std::ranges::find(kOwn, name) != kOwn.end()) continue;
    for (const std::string& value : values)
      argv.push_back("--" + name + (option->is_flag() ? "" : "=" + value));
  }
}

void set(Variables& variables, std::string_view name, std::string value)
{
  remove(variables, name);
  variables.emplace_back(name, std::move(value));
}

}  // namespace

void use_credentials(Variables& environment, const std::string& file)
{
  remove(environment, "GCS_CREDENTIALS");
  set(environment, "GOOGLE_APPLICATION_CREDENTIALS", file);
}

Program program_of(Job job, const CommandLine& line, const Options& parents,
                   const JobCredentials& credentials, Variables environment)
{
  const Command& command = *find_command(command_of(job));
  Program program{.argv = {own_program(), std::string(command.name)}};
  pass_on(line, command, program.argv);
  remove_all(environment, parents);
  if (job != Job::backup) remove_all(environment, database_options());
  if (job != Job::drill) remove_all(environment, drill_database_options());
  if ((job == Job::verify || job == Job::drill) && credentials.reader)
    use_credentials(environment, *credentials.reader);
  if (job == Job::prune) {
    if (credentials.pruner) use_credentials(environment, *credentials.pruner);
    set(environment, "IMMICH_BACKUP_YES", "true");
  }
  for (const std::string_view flag : {"IMMICH_BACKUP_QUIET", "IMMICH_BACKUP_JSON"})
    set(environment, flag, "false");
  set(environment, "IMMICH_BACKUP_LOG_FORMAT", "json");
  set(environment, "IMMICH_BACKUP_LOG_INTERVAL", "1s");
  program.environment = std::move(environment);
  return program;
}

Program program_to_look(const std::vector<std::string>& arguments, const CommandLine& line,
                        const Options& parents, const JobCredentials& credentials,
                        Variables environment)
{
  const Command& command = *find_command(arguments.front());
  Program program{.argv = {own_program()}};
  program.argv.insert(program.argv.end(), arguments.begin(), arguments.end());
  if (command.name == "config") {
    // It shows what holds here, and takes no options of others.
    for (const auto& [name, values] : line.options)
      if (const Option* option = find_option(name); option != nullptr && !option->command_line_only)
        set(environment, environment_names(*option).front(), joined(values, ","));
    program.environment = std::move(environment);
    return program;
  }
  pass_on(line, command, program.argv);
  remove_all(environment, parents);
  if (command.name != "doctor") {
    remove_all(environment, database_options());
    remove_all(environment, drill_database_options());
    if (credentials.reader) use_credentials(environment, *credentials.reader);
  }
  // `arguments` say whether it is JSON.
  for (const std::string_view flag : {"IMMICH_BACKUP_QUIET", "IMMICH_BACKUP_JSON"})
    set(environment, flag, "false");
  program.environment = std::move(environment);
  return program;
}

}  // namespace ib
