// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include "base/text.hpp"
#include "cli/commands/all.hpp"

namespace ib {
namespace {

enum class Value : std::uint8_t { none, file, folder, choice, other };

Value value_kind(const Option& option)
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

/// The text in single quotes for bash and zsh. '\'' ends the quotes, adds a quote and begins them
/// again.
std::string quoted(std::string_view text)
{
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::vector<std::string_view> command_names()
{
  std::vector<std::string_view> names;
  for (const Command& command : all_commands()) names.push_back(command.name);
  return names;
}

/// The name and the aliases.
std::string names_of(const Command& command, std::string_view between)
{
  std::vector<std::string_view> names{command.name};
  names.insert(names.end(), command.aliases.begin(), command.aliases.end());
  return joined(names, between);
}

std::vector<const Option*> options_of(const Command& command)
{
  std::vector<const Option*> options;
  for (const Option& option : command.options) {
    if (!option.secret) options.push_back(&option);
  }
  return options;
}

/// The help on one line, because shells show one line.
std::string one_line(const Option& option)
{
  return wrapped(option.help, 0, 0, std::string::npos);
}

// ---- bash

std::string bash_value_cases()
{
  std::string text;
  for (const Option& option : all_options()) {
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
  for (const Command& command : all_commands()) {
    std::string words =
        command.argument_words.empty() ? "--help" : joined(command.argument_words, " ");
    for (const Option* option : options_of(command)) words += " --" + std::string(option->name);
    text += "    " + names_of(command, "|") + ") words=" + quoted(words) + " ;;\n";
  }
  return text;
}

std::string bash_valued_options()
{
  std::string text;
  for (const Option& option : all_options()) {
    if (!option.is_flag() && !option.secret)
      text += (text.empty() ? "--" : "|--") + std::string(option.name);
  }
  return text;
}

std::string bash_script()
{
  return R"(# bash completion for immich-backup: source <(immich-backup completion bash)
_immich_backup()
{
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= words= i
  COMPREPLY=()
  # bash splits words at an equals sign: --target=DIR becomes three words.
  if [ "$word" = = ]; then word=; elif [ "$before" = = ]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
    )" + bash_valued_options() +
         R"() ((++i)); [ "${COMP_WORDS[i]}" = = ] && ((++i)) ;;
    -*) ;;
    *) command=${COMP_WORDS[i]}; break ;;
    esac
  done
  case $before in
)" + bash_value_cases() +
         R"(  esac
  case $command in
    '') words=)" +
         quoted("--help --version " + joined(command_names(), " ")) + " ;;\n" +
         bash_command_cases() +
         R"(  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _immich_backup immich-backup
)";
}

// ---- zsh

/// Escapes a description for _arguments, where brackets and colons have a meaning.
std::string zsh_escaped(std::string_view text)
{
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const Option& option)
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
  std::string text = R"(#compdef immich-backup
# zsh completion for immich-backup: source <(immich-backup completion zsh)
_immich_backup()
{
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C '--help[show help]' '--version[show the version]' \
    '1:command:->command' '*::argument:->argument'
  case $state in
  command)
    local -a commands=(
)";
  for (const Command& command : all_commands()) {
    text +=
        "      " + quoted(std::string(command.name) + ":" + zsh_escaped(command.summary)) + "\n";
  }
  text += "    )\n    _describe command commands ;;\n  argument)\n    case $line[1] in\n";
  for (const Command& command : all_commands()) {
    text += "    " + names_of(command, "|") + ")\n      _arguments '--help[show help]'";
    if (!command.argument_words.empty())
      text += " '1:argument:(" + joined(command.argument_words, " ") + ")'";
    for (const Option* option : options_of(command)) {
      text += " \\\n        " +
              quoted(std::string(option->repeatable || option->repeatable_on_line ? "*" : "") +
                     "--" + std::string(option->name) + (option->is_flag() ? "" : "=") + "[" +
                     zsh_escaped(one_line(*option)) + "]" + zsh_action(*option));
    }
    text += " ;;\n";
  }
  return text + R"(    esac ;;
  esac
}
if [ "$funcstack[1]" = _immich_backup ]; then
  _immich_backup "$@"
else
  compdef _immich_backup immich-backup
fi
)";
}

// ---- fish

/// The text in fish's single quotes, where a backslash escapes a quote and itself.
std::string fish_quoted(std::string_view text)
{
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_value(const Option& option)
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
  for (const Command& command : all_commands()) {
    text += "complete -c immich-backup -n __fish_use_subcommand -a " + std::string(command.name) +
            " -d " + fish_quoted(command.summary) + "\n";
  }
  for (const Command& command : all_commands()) {
    const std::string within =
        "complete -c immich-backup -n '__fish_seen_subcommand_from " + names_of(command, " ") + "'";
    text += within + " -l help -d 'show help'\n";
    if (!command.argument_words.empty())
      text += within + " -a " + fish_quoted(joined(command.argument_words, " ")) + "\n";
    for (const Option* option : options_of(command)) {
      text += within + " -l " + std::string(option->name) + fish_value(*option) + " -d " +
              fish_quoted(one_line(*option)) + "\n";
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
              shell.empty() ? "completion: the shell is missing"
                            : "completion: '" + printable(shell) + "' is not a supported shell",
              "Name one of bash, zsh and fish.");
}

}  // namespace ib
