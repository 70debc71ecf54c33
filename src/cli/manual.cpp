// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.hpp"

#include "base/text.hpp"
#include "base/version.hpp"
#include "cli/commands/all.hpp"
#include "cli/help_parts.hpp"
#include "cli/settings.hpp"

namespace ib {
namespace {

/// Text as roff reads it: white space of any length is one space, and no line begins with a macro.
std::string roff(std::string_view text)
{
  std::string out = "\\&";
  for (const char c : text) {
    if (c == ' ' || c == '\n') {
      if (!out.ends_with(' ')) out += ' ';
    } else if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else {
      out += c;
    }
  }
  return out;
}

std::string bold(std::string_view text)
{
  return "\\fB" + roff(text) + "\\fR";
}

std::string upper_case(std::string_view text)
{
  std::string upper;
  for (const char c : text) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

std::string section(std::string_view title)
{
  return ".SH \"" + upper_case(title) + "\"\n";
}

/// A term, and what it means below it.
std::string entry(const std::string& term, std::string_view meaning)
{
  return ".TP\n" + term + "\n" + roff(meaning) + "\n";
}

std::string page_name(const Command& command)
{
  return "immich-backup-" + std::string(command.name);
}

std::string head(const std::string& name, std::string_view summary)
{
  const std::string of_program = "immich\\-backup " + roff(kVersion);
  return ".TH " + upper_case(name) + R"( 1 "" ")" + of_program + "\"\n" + section("Name") +
         roff(name) + " \\- " + roff(summary) + "\n";
}

std::string option_entry(const Option& option)
{
  std::string term = bold((option.secret ? "" : "--") + std::string(option.name));
  if (!option.secret && !option.is_flag()) term += " \\fI" + roff(option.metavar) + "\\fR";
  std::string text = entry(term, meaning_of(option));
  const std::vector<std::string> names = environment_names(option);
  if (!names.empty()) text += ".br\nEnvironment: " + roff(joined(names, ", ")) + "\n";
  return text;
}

std::string where_settings_come_from()
{
  return ".PP\nThe command line comes first, then the names in the environment, in the order "
         "in which they are listed here, then the config files. Their keys are the names of the "
         "options.\n";
}

std::string files()
{
  std::string text = section("Files");
  for (const DefaultConfigFile& file : default_config_files())
    text += entry(bold(file.shown), file.says);
  return text;
}

std::string examples(const Command& command)
{
  if (command.examples.empty()) return {};
  std::string text = section("Examples");
  for (const Example& example : command.examples) text += entry(bold(example.line), example.says);
  return text;
}

std::string statuses(const Command& command)
{
  std::string text = section("Exit status");
  for (const StatusHelp& each : statuses_of(command))
    text += entry(bold(std::to_string(each.status)), each.says);
  return text;
}

}  // namespace

std::string manual_page()
{
  std::string text = head("immich-backup", kPurpose) + section("Synopsis") + bold("immich-backup") +
                     " \\fICOMMAND\\fR [\\fIOPTION\\fR...]\n";
  for (const CommandGroup group : kCommandGroups) {
    std::string rows;
    for (const Command& command : all_commands()) {
      if (command.group == group)
        rows += entry("\\fB" + roff(page_name(command)) + "\\fR(1)", command.summary);
    }
    text += section(title(group)) + rows;
  }
  return text + section("Settings") + where_settings_come_from() + files();
}

std::string manual_page(const Command& command)
{
  std::string text = head(page_name(command), command.summary) + section("Synopsis") +
                     bold("immich-backup " + std::string(command.name));
  if (!command.options.empty()) text += " [\\fIOPTION\\fR...]";
  if (!command.arguments.empty()) text += " " + roff(command.arguments);
  text += "\n" + section("Description") + roff(command.description) + "\n";
  if (!command.aliases.empty())
    text += ".PP\nAlso called " +
            roff(joined({command.aliases.begin(), command.aliases.end()}, ", ")) + ".\n";
  for (const OptionGroup group : kOptionGroups) {
    std::string rows;
    for (const Option& option : command.options) {
      if (option.group == group) rows += option_entry(option);
    }
    if (!rows.empty()) text += section(title(group)) + rows;
  }
  text += examples(command);
  if (command.options.empty()) return text;
  return text + section("Settings") + where_settings_come_from() + statuses(command) + files() +
         section("See also") + "\\fBimmich\\-backup\\fR(1)\n";
}

}  // namespace ib
