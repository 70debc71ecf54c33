// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/all.hpp"

#include <algorithm>

namespace ib {

// Each one is defined in the file of its name and used only here.
Command make_backup_command();
Command make_status_command();
Command make_restore_command();
Command make_restore_database_command();
Command make_doctor_command();

Command make_restore_points_command();
Command make_ls_command();
Command make_albums_command();
Command make_find_command();
Command make_history_command();
Command make_diff_command();
Command make_cost_command();

Command make_verify_command();
Command make_drill_command();
Command make_heal_command();
Command make_rebuild_manifest_command();

Command make_prune_command();
Command make_recovery_kit_command();

Command make_completion_command();
Command make_version_command();

namespace {

/// In the order of the help.
std::vector<Command> make_commands()
{
  return {make_backup_command(),     make_status_command(),
          make_restore_command(),    make_restore_database_command(),
          make_doctor_command(),     make_restore_points_command(),
          make_ls_command(),         make_albums_command(),
          make_find_command(),       make_history_command(),
          make_diff_command(),       make_cost_command(),
          make_verify_command(),     make_drill_command(),
          make_heal_command(),       make_rebuild_manifest_command(),
          make_prune_command(),      make_recovery_kit_command(),
          make_completion_command(), make_version_command()};
}

Options make_options()
{
  Options options;
  for (const Command& command : all_commands()) {
    for (const Option& option : command.options) {
      if (std::ranges::find(options, option.name, &Option::name) == options.end())
        options.push_back(option);
    }
  }
  return options;
}

}  // namespace

std::span<const Command> all_commands()
{
  static const std::vector<Command> kCommands = make_commands();
  return kCommands;
}

const Command* find_command(std::string_view name)
{
  for (const Command& command : all_commands()) {
    if (command.is_called(name)) return &command;
  }
  return nullptr;
}

std::span<const Option> all_options()
{
  static const Options kOptions = make_options();
  return kOptions;
}

const Option* find_option(std::string_view name)
{
  const auto options = all_options();
  const auto found = std::ranges::find(options, name, &Option::name);
  return found == options.end() ? nullptr : &*found;
}

}  // namespace ib
