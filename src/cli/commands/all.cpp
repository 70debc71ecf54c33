// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/all.hpp"

#include <algorithm>

namespace ib {

// Every command, in the order of the help. Each is made in the file of its name.
#define EACH_COMMAND(DO) \
  DO(init)               \
  DO(backup)             \
  DO(serve)              \
  DO(status)             \
  DO(restore)            \
  DO(restore_database)   \
  DO(doctor)             \
  DO(restore_points)     \
  DO(ls)                 \
  DO(albums)             \
  DO(photos)             \
  DO(download)           \
  DO(find)               \
  DO(history)            \
  DO(diff)               \
  DO(cost)               \
  DO(verify)             \
  DO(drill)              \
  DO(heal)               \
  DO(rebuild_manifest)   \
  DO(prune)              \
  DO(recovery_kit)       \
  DO(keygen)             \
  DO(config)             \
  DO(completion)         \
  DO(manual)             \
  DO(version)

#define DECLARE(name) Command make_##name##_command();
EACH_COMMAND(DECLARE)
#undef DECLARE

namespace {

std::vector<Command> make_commands()
{
#define MAKE(name) make_##name##_command(),
  return {EACH_COMMAND(MAKE)};
#undef MAKE
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
