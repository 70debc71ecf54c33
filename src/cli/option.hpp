// SPDX-License-Identifier: Apache-2.0
//
// An option as data. Parsing, settings, help and completion all read the same tables.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Where the help of a command shows an option.
enum class OptionGroup : std::uint8_t {
  needed,    ///< what most people need
  database,  ///< where the database is
  bucket,    ///< what a bucket costs, and how it is reached
  tuning,    ///< what few people need
  notices,   ///< who is told of a run
};
inline constexpr std::array kOptionGroups{OptionGroup::needed, OptionGroup::database,
                                          OptionGroup::bucket, OptionGroup::tuning,
                                          OptionGroup::notices};

struct Option {
  std::string_view name;          ///< without its dashes; also its key in the config file
  std::string_view metavar = {};  ///< empty: a flag
  OptionGroup group = OptionGroup::needed;
  /// Further names in the environment, in order; IMMICH_BACKUP_<NAME> comes before them.
  std::vector<std::string_view> environment = {};
  /// Of what it does in this command. Lines end where the reader's window ends: a newline is a
  /// space.
  std::string help;
  bool repeatable = false;
  /// A password: taken from the environment and the config file, never from argv, which everybody
  /// can read.
  bool secret = false;
  /// Without a name in the environment and the config file.
  bool command_line_only = false;
  std::vector<std::string_view> choices = {};

  bool is_flag() const { return metavar.empty(); }
};

using Options = std::vector<Option>;

/// All of them, in this order.
Options joined(std::initializer_list<Options> parts);

/// The names under which an option is looked for in the environment, in order.
std::vector<std::string> environment_names(const Option& option);

}  // namespace ib
