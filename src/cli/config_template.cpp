// SPDX-License-Identifier: Apache-2.0
#include "cli/config_template.hpp"

#include "base/text.hpp"
#include "cli/commands/all.hpp"
#include "cli/help_parts.hpp"

namespace ib {
namespace {

constexpr std::size_t kWidth = 100;

bool may_stand_in_a_file(const Option& option)
{
  return !option.command_line_only && option.name != "config";
}

std::string comment(std::string_view text)
{
  std::string lines = "# " + wrapped(text, 2, 0, kWidth - 2) + "\n";
  for (std::size_t at = lines.find('\n'); at + 1 < lines.size(); at = lines.find('\n', at + 1))
    lines.insert(at + 1, "# ");
  return lines;
}

/// A line that sets nothing, since it is a comment: its value has the form that TOML wants.
std::string setting(const Option& option)
{
  std::string value = "\"" + std::string(option.metavar) + "\"";
  if (option.is_flag()) value = "true";
  if (option.metavar == "N") value = "0";
  if (option.repeatable) value = "[" + value + "]";
  return "#" + std::string(option.name) + " = " + value + "\n";
}

/// Commands say the same option in other words. A backup's fit best.
const Option& in_words_of_backup(const Option& option)
{
  const Option* of_backup = find_command("backup")->find_option(option.name);
  return of_backup == nullptr ? option : *of_backup;
}

/// The commands that have an option, for those that not all have.
std::string commands_with(const Option& option)
{
  std::vector<std::string> names;
  for (const Command& command : all_commands()) {
    if (command.find_option(option.name) != nullptr) names.emplace_back(command.name);
  }
  constexpr std::size_t kFew = 4;
  return names.size() > kFew ? "" : " (" + joined(names, ", ") + ")";
}

}  // namespace

std::string config_template()
{
  std::string text =
      "# Settings of immich-backup, as TOML. Each is a comment until you remove the # before its "
      "name.\n"
      "# The command line comes first, then the environment, then "
      "~/.config/immich-backup/config.toml,\n"
      "# then this file. `immich-backup config show` says what holds, and why; `immich-backup "
      "config\n"
      "# check` finds mistakes. Whoever may read passwords in here may read the database.\n";
  for (const OptionGroup group : kOptionGroups) {
    std::string settings;
    for (const Option& any : all_options()) {
      const Option& option = in_words_of_backup(any);
      if (option.group != group || !may_stand_in_a_file(option)) continue;
      settings += "\n" + comment(meaning_of(option) + commands_with(option)) + setting(option);
    }
    if (!settings.empty()) text += "\n# ---- " + std::string(title(group)) + "\n" + settings;
  }
  return text;
}

}  // namespace ib
