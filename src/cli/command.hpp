// SPDX-License-Identifier: Apache-2.0
// A command as data: its help, its options and the function that runs. Each one is made in
// cli/commands/<command>.cpp and listed in cli/commands/all.cpp.
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
class Settings;

/// What a command does with the keys that tell who has written what lies in a store.
enum class KeyUse : std::uint8_t {
  verifies,  ///< reads what is signed, and signs proofs where there is a machine key
  signs,     ///< writes what has to be signed
  makes,     ///< looks after them itself
};

/// The end of a command.
struct Conclusion {
  std::string results;  ///< printed on stdout
  Outcome outcome = Outcome::ok;
  bool is_report = false;  ///< sentences and tables for a person: its lines may be broken
};

/// The section of the program's help that lists a command.
enum class CommandGroup : std::uint8_t {
  needed,   ///< most people need it
  looking,  ///< shows what the backup holds
  proving,  ///< finds or repairs damage
  keeping,  ///< keeps the backup in order over the years
  program,  ///< concerns the program itself
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
  /// Works on the store that the settings name.
  using OnStore = Result<Conclusion> (*)(const Session&, Invocation&);
  /// Opens its store itself or needs none.
  using Alone = Result<Conclusion> (*)(Invocation&);
  /// Works on the store, unless the settings name something else to work on.
  struct Either {
    bool (*is_alone)(const Settings&);
    Alone alone;
    OnStore on_store;
  };

  std::string_view name;
  std::vector<std::string_view> aliases = {};  ///< other names that a user may type
  /// Its name in the formats (JSON, metrics). Empty: the same as `name`.
  std::string_view name_in_formats = {};
  /// Whether the program runs this command if it is itself called by this name, with or without
  /// ".py". Version 2.0 had such programs.
  bool is_a_program = false;
  CommandGroup group;
  std::string_view summary;                           ///< half a line
  std::string_view description;                       ///< sentences; a newline means a space
  std::string_view arguments = {};                    ///< "[PATTERN...]"; empty: it takes none
  std::vector<std::string_view> argument_words = {};  ///< all possible arguments, for completion
  std::vector<StatusHelp> statuses = {};              ///< its exit statuses 3 and 4, if it has them
  std::vector<Example> examples = {};
  /// In the order of the help within each group. A command without options reads no settings.
  Options options = {};
  /// False for a command that takes only seconds. Its results may go to the same terminal, line by
  /// line.
  bool shows_progress = true;
  KeyUse keys = KeyUse::verifies;
  /// Whether it reads photos or dumps, which an identity alone opens in an encrypted store. Null:
  /// it does not.
  bool (*reads_contents)(const Settings&) = nullptr;
  /// Whether an object that no trusted key has signed is a problem for it, and not a note: it is
  /// run to hear of such things.
  bool watches = false;
  std::variant<OnStore, Alone, Either> run;

  static bool always(const Settings& /*settings*/) { return true; }

  bool is_called(std::string_view typed) const;
  const Option* find_option(std::string_view option_name) const;
  std::string_view formats_name() const { return name_in_formats.empty() ? name : name_in_formats; }
};

}  // namespace ib
