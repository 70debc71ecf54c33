// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include <algorithm>

namespace ib {
namespace {

constexpr std::size_t kWidth = 100;

std::string padded(std::string_view text, std::size_t width)
{
  return std::string(text) + std::string(text.size() < width ? width - text.size() : 1, ' ');
}

/// `text` in lines of at most kWidth, each but the first after `indent` spaces. `column` is where
/// it begins.
std::string wrapped(std::string_view text, std::size_t column, std::size_t indent)
{
  std::string out;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (column > indent && column + 1 + space > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!out.empty()) {
      out += ' ';
      ++column;
    }
    out += text.substr(0, space);
    column += space;
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return out + "\n";
}

std::string option_lines(const OptionInfo& option)
{
  constexpr std::size_t kColumn = 28;
  std::string words(option.help);
  if (option.repeatable)
    words += option.command_line_only ? "; repeatable"
                                      : "; repeatable, or separated by commas in the environment";
  std::string names;
  for (const std::string& name : environment_names(option))
    names += (names.empty() ? "[" : ", ") + name;
  if (!names.empty()) words += " " + names + "]";
  // A secret has no option: what it is called elsewhere stands in the list all the same.
  const std::string usage = option.secret
                                ? std::string(option.name)
                                : "--" + std::string(option.name) +
                                      (option.is_flag() ? "" : " " + std::string(option.metavar));
  return "  " + padded(usage, kColumn - 2) + wrapped(words, kColumn, kColumn);
}

std::string option_section(Verb command)
{
  std::string own;
  std::string common;
  for (const OptionInfo& option : all_options()) {
    if (!takes(option, command)) continue;
    const bool everywhere = takes(option, Verb::backup) && takes(option, Verb::ls);
    (everywhere ? common : own) += option_lines(option);
  }
  std::string text;
  if (!own.empty()) text += "\nOptions\n" + own;
  if (!common.empty()) {
    text += "\nOptions of all commands\n" + common;
    text +=
        "\nAn option on the command line counts before its names in the environment [in this "
        "order], and\n"
        "those before the config file, whose keys are the options' names.\n";
  }
  return text;
}

std::string example_section(const CommandInfo& info)
{
  if (info.examples.empty()) return {};
  std::string text = "\nExamples\n";
  for (const Example& example : info.examples) {
    text += "  " + std::string(example.line) + "\n";
    if (!example.says.empty()) text += "      " + std::string(example.says) + "\n";
  }
  return text;
}

std::string status_section(const CommandInfo& info)
{
  std::string text =
      "\nExit status\n  0    all well\n  1    failed, worth another try\n  2    usage or "
      "configuration\n";
  text += info.statuses;
  return text + "  130  interrupted\n";
}

}  // namespace

std::string help_text()
{
  std::string text =
      "immich-backup backs up an Immich photo library and its database: incremental, append-only, "
      "proven.\n"
      "\nUsage\n  immich-backup COMMAND [OPTION...]\n\nCommands\n";
  for (const CommandInfo& info : all_commands())
    text += "  " + padded(info.name, 19) + std::string(info.summary) + "\n";
  text += "\n`immich-backup COMMAND --help` tells what each does, with examples.\n";
  return text;
}

std::string help_text(Verb command)
{
  const CommandInfo& info = info_of(command);
  std::string text = wrapped(info.description, 0, 0);
  text += "\nUsage\n  immich-backup " + std::string(info.name);
  if (takes(*find_option("store"), command)) text += " [OPTION...]";
  if (!info.arguments.empty()) text += " " + std::string(info.arguments);
  text += "\n" + option_section(command) + example_section(info);
  if (takes(*find_option("store"), command)) text += status_section(info);
  return text;
}

}  // namespace ib
