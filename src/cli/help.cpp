// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include "base/text.hpp"
#include "cli/commands/all.hpp"
#include "cli/help_parts.hpp"

#include <string>
#include <vector>

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

std::string option_row(const Option& option)
{
  constexpr std::size_t kTermWidth = 26;
  const std::vector<std::string> names = environment_names(option);
  std::string words = meaning_of(option);
  if (!names.empty()) words += " [" + joined(names, ", ") + "]";
  return row(term_of(option), kTermWidth, words);
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
  constexpr std::size_t kStatusWidth = 5;
  std::string text = "\nExit status\n";
  for (const StatusHelp& each : statuses_of(command))
    text += row(std::to_string(each.status), kStatusWidth, each.says);
  return text;
}

std::string alias_line(const Command& command)
{
  const std::vector<std::string> names(command.aliases.begin(), command.aliases.end());
  return names.empty() ? "" : "\nAlso called " + joined(names, ", ") + ".\n";
}

}  // namespace

std::string help_text()
{
  constexpr std::size_t kNameWidth = 19;
  std::string text = "immich-backup " + std::string(kPurpose) +
                     ".\n"
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
