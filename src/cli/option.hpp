// SPDX-License-Identifier: Apache-2.0
// An option as data. Parsing, settings, help and completion all use the same tables.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// The section of a command's help that shows an option.
enum class OptionGroup : std::uint8_t {
  needed,    ///< most people need it
  database,  ///< where the database is
  bucket,    ///< costs of a bucket and access to it
  tuning,    ///< few people need it
  notices,   ///< whom to tell about a run
};
inline constexpr std::array kOptionGroups{OptionGroup::needed, OptionGroup::database,
                                          OptionGroup::bucket, OptionGroup::tuning,
                                          OptionGroup::notices};

struct Option {
  std::string_view name;          ///< without the dashes; also its key in the config file
  std::string_view metavar = {};  ///< the name of its value in the help; empty: a flag
  OptionGroup group = OptionGroup::needed;
  /// More names in the environment, in order of precedence. IMMICH_BACKUP_<NAME> comes before them.
  std::vector<std::string_view> environment = {};
  /// What the option does in this command. A newline means a space, because the display breaks
  /// lines itself.
  std::string help;
  bool repeatable = false;
  /// Whether this command takes it several times on its command line. Elsewhere it is one value,
  /// which may contain commas.
  bool repeatable_on_line = false;
  /// Whether it is a password. It may come from the environment or the config file, but never from
  /// the command line, which every user of the machine can read.
  bool secret = false;
  /// Whether it has no name in the environment and in the config file.
  bool command_line_only = false;
  std::vector<std::string_view> choices = {};

  bool is_flag() const { return metavar.empty(); }
};

using Options = std::vector<Option>;

/// The options of all parts, in this order.
Options joined(std::initializer_list<Options> parts);

/// An option's names in the environment, in order of precedence.
std::vector<std::string> environment_names(const Option& option);

}  // namespace ib
