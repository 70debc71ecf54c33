// SPDX-License-Identifier: Apache-2.0
#include "cli/help_parts.hpp"

#include <utility>

namespace ib {

std::string_view title(CommandGroup group)
{
  switch (group) {
    case CommandGroup::needed:
      return "Back up and restore";
    case CommandGroup::looking:
      return "Look into the backup";
    case CommandGroup::proving:
      return "Check and repair the backup";
    case CommandGroup::keeping:
      return "Over the years";
    case CommandGroup::program:
      return "The program itself";
  }
  std::unreachable();
}

std::string_view title(OptionGroup group)
{
  switch (group) {
    case OptionGroup::needed:
      return "Options";
    case OptionGroup::database:
      return "Database";
    case OptionGroup::bucket:
      return "Bucket";
    case OptionGroup::tuning:
      return "Tuning";
    case OptionGroup::notices:
      return "Notices";
  }
  std::unreachable();
}

std::string term_of(const Option& option)
{
  std::string term = (option.secret ? "" : "--") + std::string(option.name);
  if (!option.secret && !option.is_flag()) term += " " + std::string(option.metavar);
  return term;
}

std::string meaning_of(const Option& option)
{
  if (!option.repeatable) return option.help;
  return option.help + (option.command_line_only
                            ? "; repeatable"
                            : "; repeatable, or separated by commas in the environment");
}

std::vector<StatusHelp> statuses_of(const Command& command)
{
  std::vector<StatusHelp> statuses{
      {0, "all well"}, {1, "failed, worth another try"}, {2, "usage or configuration"}};
  statuses.insert(statuses.end(), command.statuses.begin(), command.statuses.end());
  statuses.push_back({130, "interrupted"});
  return statuses;
}

}  // namespace ib
