// SPDX-License-Identifier: Apache-2.0
//
// The command line as data: every command and every option, once. Parsing, settings, help and
// completion all read these tables.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

enum class Verb : std::uint8_t {
  backup,
  verify,
  verify_restore,
  restore,
  restore_database,
  heal,
  status,
  snapshots,
  ls,
  albums,
  history,
  find,
  diff,
  cost,
  recovery_kit,
  prune,
  rebuild_manifest,
  doctor,
  completion,
  version,
};

struct Example {
  std::string_view line;
  std::string_view says;
};

struct CommandInfo {
  Verb command;
  std::string_view name;
  std::string_view summary;      ///< half a line
  std::string_view description;  ///< one or two sentences
  std::string_view arguments;    ///< "[PATTERN...]", or empty: it takes none
  std::string_view statuses;     ///< lines of help on its exit statuses 3 and 4, where it has them
  std::vector<Example> examples;
};

struct OptionInfo {
  std::string_view name;     ///< without its dashes; also its key in the config file
  std::string_view metavar;  ///< empty: a flag
  /// Further names in the environment, in order; IMMICH_BACKUP_<NAME> comes before them.
  std::vector<std::string_view> environment;
  std::string_view help;
  unsigned commands;  ///< a set of bit_of(Verb)
  bool repeatable = false;
  /// A password: taken from the environment and the config file, never from argv, which everybody
  /// can read.
  bool secret = false;
  /// Only on the command line: it says where the rest comes from.
  bool command_line_only = false;
  std::vector<std::string_view> choices = {};

  bool is_flag() const { return metavar.empty(); }
};

constexpr unsigned bit_of(Verb command)
{
  return 1U << static_cast<unsigned>(command);
}
inline bool takes(const OptionInfo& option, Verb command)
{
  return (option.commands & bit_of(command)) != 0;
}

std::span<const CommandInfo> all_commands();
const CommandInfo& info_of(Verb command);
const CommandInfo* find_command(std::string_view name);

std::span<const OptionInfo> all_options();
const OptionInfo* find_option(std::string_view name);

/// The names under which an option is looked for in the environment, in order.
std::vector<std::string> environment_names(const OptionInfo& option);

}  // namespace ib
