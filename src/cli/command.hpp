// SPDX-License-Identifier: Apache-2.0
//
// A command as an object: what the help says of it, which options it takes, and what runs. Each
// is made in cli/commands/<verb>.cpp and listed in cli/commands/all.cpp.
#pragma once

#include "app/session.hpp"
#include "base/result.hpp"
#include "cli/option.hpp"
#include "report/header.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ib {

class Invocation;

/// What a command has to say at its end.
struct Conclusion {
  std::string results;  ///< for stdout
  Outcome outcome = Outcome::ok;
};

/// Where the program's help lists a command.
enum class CommandGroup : std::uint8_t {
  needed,   ///< what most people need
  looking,  ///< shows what the backup holds
  proving,  ///< finds damage, and mends it
  keeping,  ///< keeps the backup in order over the years
  program,  ///< is about the program itself
};
inline constexpr std::array kCommandGroups{CommandGroup::needed, CommandGroup::looking,
                                           CommandGroup::proving, CommandGroup::keeping,
                                           CommandGroup::program};

struct StatusHelp {
  int status;
  std::string_view says;
};

struct Example {
  std::string_view line;
  std::string_view says = {};
};

struct Command {
  /// Runs over the store that the settings name.
  using OnStore = Result<Conclusion> (*)(const Session&, Invocation&);
  /// Opens its store itself, or needs none.
  using Alone = Result<Conclusion> (*)(Invocation&);

  std::string_view name;
  std::vector<std::string_view> aliases = {};  ///< taken wherever the name is typed
  /// What the formats (JSON, metrics) call it, where that is not its name.
  std::string_view name_in_formats = {};
  /// A program of this name, with or without ".py", is this command, as version 2.0's were.
  bool is_a_program = false;
  CommandGroup group;
  std::string_view summary;                           ///< half a line
  std::string_view description;                       ///< sentences; a newline is a space
  std::string_view arguments = {};                    ///< "[PATTERN...]"; empty: it takes none
  std::vector<std::string_view> argument_words = {};  ///< all arguments there are, for completion
  std::vector<StatusHelp> statuses = {};  ///< what its exit statuses 3 and 4 say, if it has them
  std::vector<Example> examples = {};
  /// In the order of the help, within each group. A command without options reads no settings.
  Options options = {};
  /// False for what takes seconds: its results may go to the same terminal line by line.
  bool shows_progress = true;
  std::variant<OnStore, Alone> run;

  bool is_called(std::string_view typed) const;
  const Option* find_option(std::string_view option_name) const;
  std::string_view formats_name() const { return name_in_formats.empty() ? name : name_in_formats; }
};

}  // namespace ib
