// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include "base/text.hpp"
#include "cli/commands/all.hpp"

#include <utility>

namespace ib {
namespace {

constexpr std::size_t kWidth = 100;

/// `term` in a column of `width`, with its meaning beside it.
std::string row(const std::string& term, std::size_t width, std::string_view meaning)
{
  const std::size_t indent = 2 + width;
  std::string text = "  " + term + std::string(term.size() < width ? width - term.size() : 1, ' ');
  const std::size_t column = text.size();
  return std::move(text) + wrapped(meaning, column, indent, kWidth) + "\n";
}

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

std::string option_row(const Option& option)
{
  constexpr std::size_t kTermWidth = 26;
  std::string words = option.help;
  if (option.repeatable)
    words += option.command_line_only ? "; repeatable"
                                      : "; repeatable, or separated by commas in the environment";
  std::string names;
  for (const std::string& name : environment_names(option))
    names += (names.empty() ? "[" : ", ") + name;
  if (!names.empty()) words += " " + names + "]";
  // A secret has no option on the command line. The row only shows its other names.
  std::string term = (option.secret ? "" : "--") + std::string(option.name);
  if (!option.secret && !option.is_flag()) term += " " + std::string(option.metavar);
  return row(term, kTermWidth, words);
}

std::string option_sections(const Command& command)
{
  std::string text;
  for (const OptionGroup group : kOptionGroups) {
    std::string rows;
    for (const Option& option : command.options) {
      if (option.group == group) rows += option_row(option);
    }
    if (!rows.empty()) text += "\n" + std::string(title(group)) + "\n" + rows;
  }
  if (text.empty()) return {};
  return text + "\n" +
         wrapped(
             "The command line comes first, then the names in the environment [in this order], "
             "then the config file. Its keys are the names of the options.",
             0, 0, kWidth) +
         "\n";
}

std::string example_section(const Command& command)
{
  if (command.examples.empty()) return {};
  std::string text = "\nExamples\n";
  for (const Example& example : command.examples) {
    text += "  " + std::string(example.line) + "\n";
    if (!example.says.empty()) text += "      " + std::string(example.says) + "\n";
  }
  return text;
}

std::string status_section(const Command& command)
{
  std::vector<StatusHelp> statuses{
      {0, "all well"}, {1, "failed, worth another try"}, {2, "usage or configuration"}};
  statuses.insert(statuses.end(), command.statuses.begin(), command.statuses.end());
  statuses.push_back({130, "interrupted"});
  constexpr std::size_t kStatusWidth = 5;
  std::string text = "\nExit status\n";
  for (const StatusHelp& each : statuses)
    text += row(std::to_string(each.status), kStatusWidth, each.says);
  return text;
}

std::string alias_line(const Command& command)
{
  std::string names;
  for (const std::string_view alias : command.aliases)
    names += (names.empty() ? "" : ", ") + std::string(alias);
  return names.empty() ? "" : "\nAlso called " + names + ".\n";
}

}  // namespace

std::string help_text()
{
  constexpr std::size_t kNameWidth = 19;
  std::string text =
      "immich-backup backs up an Immich photo library and its database: "
      "incremental, append-only, proven.\n"
      "\nUsage\n  immich-backup COMMAND [OPTION...]\n";
  for (const CommandGroup group : kCommandGroups) {
    text += "\n" + std::string(title(group)) + "\n";
    for (const Command& command : all_commands()) {
      if (command.group == group)
        text += row(std::string(command.name), kNameWidth, command.summary);
    }
  }
  return text + "\n`immich-backup COMMAND --help` explains a command, with examples.\n";
}

std::string help_text(const Command& command)
{
  std::string text = wrapped(command.description, 0, 0, kWidth) + "\n" + alias_line(command) +
                     "\nUsage\n  immich-backup " + std::string(command.name);
  if (!command.options.empty()) text += " [OPTION...]";
  if (!command.arguments.empty()) text += " " + std::string(command.arguments);
  text += "\n" + option_sections(command) + example_section(command);
  return command.options.empty() ? text : text + status_section(command);
}

}  // namespace ib
