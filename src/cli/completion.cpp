// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include "base/text.hpp"
#include "cli/options.hpp"

namespace ib {
namespace {

enum class Value : std::uint8_t { none, file, folder, choice, other };

Value value_kind(const OptionInfo& option)
{
  if (option.is_flag()) return Value::none;
  if (!option.choices.empty()) return Value::choice;
  if (option.metavar == "DIR") return Value::folder;
  return option.metavar == "FILE" ? Value::file : Value::other;
}

std::string joined(const std::vector<std::string_view>& words, std::string_view between)
{
  std::string text;
  for (const std::string_view word : words)
    text += (text.empty() ? "" : std::string(between)) + std::string(word);
  return text;
}

/// In single quotes, for any of the shells' sake: '\'' ends, escapes and begins again.
std::string quoted(std::string_view text)
{
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::vector<std::string_view> command_names()
{
  std::vector<std::string_view> names;
  for (const CommandInfo& info : all_commands()) names.push_back(info.name);
  return names;
}

std::vector<const OptionInfo*> options_of(Verb command)
{
  std::vector<const OptionInfo*> options;
  for (const OptionInfo& option : all_options()) {
    if (takes(option, command) && !option.secret) options.push_back(&option);
  }
  return options;
}

// ---- bash

std::string bash_value_cases()
{
  std::string text;
  for (const OptionInfo& option : all_options()) {
    if (option.secret) continue;
    const std::string label = "    --" + std::string(option.name) + ") ";
    switch (value_kind(option)) {
      case Value::none:
        break;
      case Value::file:
        text += label + "mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return ;;\n";
        break;
      case Value::folder:
        text += label + "mapfile -t COMPREPLY < <(compgen -d -- \"$word\"); return ;;\n";
        break;
      case Value::choice:
        text += label + "mapfile -t COMPREPLY < <(compgen -W " +
                quoted(joined(option.choices, " ")) + " -- \"$word\"); return ;;\n";
        break;
      case Value::other:
        text += label + "return ;;\n";
        break;
    }
  }
  return text;
}

std::string bash_command_cases()
{
  std::string text;
  for (const CommandInfo& info : all_commands()) {
    std::string words = info.command == Verb::completion ? "bash zsh fish" : "--help";
    for (const OptionInfo* option : options_of(info.command))
      words += " --" + std::string(option->name);
    text += "    " + std::string(info.name) + ") words=" + quoted(words) + " ;;\n";
  }
  return text;
}

std::string bash_valued_options()
{
  std::string text;
  for (const OptionInfo& option : all_options()) {
    if (!option.is_flag() && !option.secret)
      text += (text.empty() ? "--" : "|--") + std::string(option.name);
  }
  return text;
}

std::string bash_script()
{
  return "# bash completion for immich-backup: source <(immich-backup completion bash)\n"
         "_immich_backup()\n"
         "{\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= "
         "words= i\n"
         "  COMPREPLY=()\n"
         "  # The words are split at an equals sign: --target=DIR is three.\n"
         "  if [ \"$word\" = = ]; then word=; elif [ \"$before\" = = ]; then "
         "before=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case ${COMP_WORDS[i]} in\n"
         "    " +
         bash_valued_options() +
         ") ((++i)); [ \"${COMP_WORDS[i]}\" = = ] && ((++i)) ;;\n"
         "    -*) ;;\n"
         "    *) command=${COMP_WORDS[i]}; break ;;\n"
         "    esac\n"
         "  done\n"
         "  case $before in\n" +
         bash_value_cases() +
         "  esac\n"
         "  case $command in\n"
         "    '') words=" +
         quoted("--help --version " + joined(command_names(), " ")) + " ;;\n" +
         bash_command_cases() +
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
         "}\n"
         "complete -F _immich_backup immich-backup\n";
}

// ---- zsh

/// For a description in _arguments: brackets and colons mean something there.
std::string zsh_escaped(std::string_view text)
{
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const OptionInfo& option)
{
  std::string value = ":" + zsh_escaped(option.metavar) + ":";
  switch (value_kind(option)) {
    case Value::none:
      return "";
    case Value::file:
      return value + "_files";
    case Value::folder:
      return value + "_files -/";
    case Value::choice:
      return value + "(" + joined(option.choices, " ") + ")";
    case Value::other:
      return value;
  }
  return "";
}

std::string zsh_script()
{
  std::string text =
      "#compdef immich-backup\n"
      "# zsh completion for immich-backup: source <(immich-backup completion zsh)\n"
      "_immich_backup()\n"
      "{\n"
      "  local curcontext=$curcontext state line\n"
      "  typeset -A opt_args\n"
      "  _arguments -C '--help[show help]' '--version[show the version]' '1:command:->command' "
      "'*::argument:->argument'\n"
      "  case $state in\n"
      "  command)\n"
      "    local -a commands=(\n";
  for (const CommandInfo& info : all_commands()) {
    text += "      " + quoted(std::string(info.name) + ":" + zsh_escaped(info.summary)) + "\n";
  }
  text += "    )\n    _describe command commands ;;\n  argument)\n    case $line[1] in\n";
  for (const CommandInfo& info : all_commands()) {
    text += "    " + std::string(info.name) + ")\n      _arguments '--help[show help]'";
    if (info.command == Verb::completion) text += " '1:shell:(bash zsh fish)'";
    for (const OptionInfo* option : options_of(info.command)) {
      text += " \\\n        " + quoted(std::string(option->repeatable ? "*" : "") + "--" +
                                       std::string(option->name) + (option->is_flag() ? "" : "=") +
                                       "[" + zsh_escaped(option->help) + "]" + zsh_action(*option));
    }
    text += " ;;\n";
  }
  return text +
         "    esac ;;\n"
         "  esac\n"
         "}\n"
         "if [ \"$funcstack[1]\" = _immich_backup ]; then _immich_backup \"$@\"; else compdef "
         "_immich_backup immich-backup; fi\n";
}

// ---- fish

/// In fish's single quotes a backslash escapes a quote and itself.
std::string fish_quoted(std::string_view text)
{
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_value(const OptionInfo& option)
{
  switch (value_kind(option)) {
    case Value::none:
      return "";
    case Value::file:
      return " -r -F";
    case Value::folder:
      return " -x -a '(__fish_complete_directories)'";
    case Value::choice:
      return " -x -a " + fish_quoted(joined(option.choices, " "));
    case Value::other:
      return " -x";
  }
  return "";
}

std::string fish_script()
{
  std::string text =
      "# fish completion for immich-backup: immich-backup completion fish | source\n"
      "complete -c immich-backup -f\n"
      "complete -c immich-backup -n __fish_use_subcommand -l help -d 'show help'\n"
      "complete -c immich-backup -n __fish_use_subcommand -l version -d 'show the version'\n";
  for (const CommandInfo& info : all_commands()) {
    text += "complete -c immich-backup -n __fish_use_subcommand -a " + std::string(info.name) +
            " -d " + fish_quoted(info.summary) + "\n";
  }
  for (const CommandInfo& info : all_commands()) {
    const std::string within =
        "complete -c immich-backup -n '__fish_seen_subcommand_from " + std::string(info.name) + "'";
    text += within + " -l help -d 'show help'\n";
    if (info.command == Verb::completion) text += within + " -a 'bash zsh fish'\n";
    for (const OptionInfo* option : options_of(info.command)) {
      text += within + " -l " + std::string(option->name) + fish_value(*option) + " -d " +
              fish_quoted(option->help) + "\n";
    }
  }
  return text;
}

}  // namespace

Result<std::string> completion_script(std::string_view shell)
{
  if (shell == "bash") return bash_script();
  if (shell == "zsh") return zsh_script();
  if (shell == "fish") return fish_script();
  return fail(Errc::invalid,
              shell.empty() ? "completion: no shell is named"
                            : "completion: '" + printable(shell) + "' is no shell that it knows",
              "Name one of bash, zsh and fish.");
}

}  // namespace ib
