// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include "base/suggestion.hpp"
#include "base/text.hpp"
#include "cli/commands/all.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace ib {
namespace {

constexpr std::string_view kProgram = "immich-backup";

/// The command that the program's own name stands for; empty for none.
std::string_view command_of_program(std::string_view program)
{
  program.remove_prefix(program.find_last_of('/') + 1);  // npos + 1 is 0
  if (program.ends_with(".py")) program.remove_suffix(3);
  const Command* command = find_command(program);
  return command != nullptr && command->is_a_program ? program : std::string_view();
}

std::string help_hint(const CommandLine& line)
{
  const std::string command = line.command != nullptr ? " " + std::string(line.command->name) : "";
  return "`" + std::string(kProgram) + command + " --help` tells more.";
}

/// "Did you mean --store? `immich-backup backup --help` tells more."
std::string hint_for(const std::string& guess, const CommandLine& line)
{
  return (guess.empty() ? "" : guess + " ") + help_hint(line);
}

std::unexpected<Error> unknown_command(std::string_view name, const CommandLine& line)
{
  std::vector<std::string_view> known;
  for (const Command& command : all_commands()) known.push_back(command.name);
  return fail(Errc::invalid, "there is no command '" + printable(name) + "'",
              hint_for(did_you_mean(name, known), line));
}

bool is_option(std::string_view word)
{
  return word.size() > 1 && word.starts_with('-');
}

/// "--store" of "--store=x".
std::string_view name_part(std::string_view word)
{
  return word.substr(0, word.find('='));
}

/// The option that `word` names, if it takes a value that has to follow.
bool wants_value(std::string_view word)
{
  if (!word.starts_with("--") || word.contains('=')) return false;
  const Option* option = find_option(word.substr(2));
  return option != nullptr && !option->is_flag() && !option->secret;
}

/// The position of the command among the arguments: the first that is neither an option nor an
/// option's value.
std::size_t command_position(const std::vector<std::string>& words)
{
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_option(words[i])) return i;
    if (wants_value(words[i])) ++i;
  }
  return words.size();
}

std::unexpected<Error> unknown_option(std::string_view word, const CommandLine& line)
{
  const std::string_view written = name_part(word);
  const std::string_view name =
      written.substr(std::min(written.find_first_not_of('-'), written.size()));
  const Option* option = find_option(name);
  const std::string command(line.command->name);
  if (option != nullptr && option->secret) {
    // What follows is a secret, and stays out of the message.
    return fail(
        Errc::invalid,
        "--" + std::string(name) +
            ": not taken on the command line, which every user of this machine can read",
        "Put the password into DB_PASSWORD, or into a file and name it with --db-password-file.");
  }
  if (option != nullptr && written.starts_with("--")) {
    return fail(Errc::invalid, printable(written) + ": " + command + " takes no such option",
                help_hint(line));
  }
  std::vector<std::string_view> known{"help", "version"};
  for (const Option& each : line.command->options) {
    if (!each.secret) known.push_back(each.name);
  }
  std::string hint = hint_for(did_you_mean(name, known, "--"), line);
  if (!line.command->arguments.empty()) hint += " A pattern that begins with a dash goes after --.";
  return fail(Errc::invalid, "there is no option " + printable(written), hint);
}

/// What CLI11 lets pass and a person rarely means.
Result<> check_values(const std::vector<std::string>& words)
{
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].starts_with("--") && words[i].ends_with('=') &&
        find_option(name_part(words[i]).substr(2)) != nullptr) {
      return fail(Errc::invalid, words[i] + ": its value is missing");
    }
    if (!wants_value(words[i])) continue;
    if (i + 1 == words.size()) return fail(Errc::invalid, words[i] + ": its value is missing");
    ++i;
    if (words[i].starts_with("--")) {
      return fail(
          Errc::invalid,
          words[i - 1] + ": its value is missing: '" + printable(name_part(words[i])) + "' follows",
          "If that is the value, write " + words[i - 1] + "=...");
    }
  }
  return {};
}

/// CLI11 knows which option takes what; all else is left over for us to judge.
Result<> parse_options(const std::vector<std::string>& words, CommandLine& line)
{
  CLI::App app;
  app.set_help_flag("");
  app.allow_extras();
  std::map<std::string_view, CLI::Option*> bound;
  for (const Option& option : line.command->options) {
    if (option.secret) continue;
    const std::string name = "--" + std::string(option.name);
    if (option.is_flag()) {
      bound[option.name] = app.add_flag(name)->disable_flag_override()->multi_option_policy(
          CLI::MultiOptionPolicy::TakeLast);
    } else {
      bound[option.name] = app.add_option(name)->allow_extra_args(false)->multi_option_policy(
          option.repeatable ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::Throw);
    }
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError&) {
    // Its words differ with the version, and repeat values. What can be wrong after check_values()
    // is a value for a flag, or an option that was given twice.
    for (const std::string& word : words) {
      const Option* option =
          word.starts_with("--") ? find_option(name_part(word).substr(2)) : nullptr;
      if (option != nullptr && option->is_flag() && word.contains('=')) {
        return fail(Errc::invalid, "--" + std::string(option->name) + ": takes no value",
                    help_hint(line));
      }
    }
    for (const auto& [name, option] : bound) {
      if (option->count() > 1 && !find_option(name)->repeatable)
        return fail(Errc::invalid, "--" + std::string(name) + ": given twice");
    }
    return fail(Errc::invalid, "the command line cannot be understood", help_hint(line));
  }
  for (const auto& [name, option] : bound) {
    if (option->count() == 0) continue;
    line.options[std::string(name)] =
        find_option(name)->is_flag() ? std::vector<std::string>{"true"} : option->results();
  }
  for (std::string& left_over : app.remaining()) {
    if (is_option(left_over)) return unknown_option(left_over, line);
    line.arguments.push_back(std::move(left_over));
  }
  return {};
}

/// Whether help or the version is asked for, anywhere before "--" but in place of a value.
void find_questions(const std::vector<std::string>& words, CommandLine& line)
{
  for (std::size_t i = 0; i < words.size(); ++i) {
    line.help = line.help || words[i] == "--help" || words[i] == "-h";
    line.version = line.version || words[i] == "--version";
    if (wants_value(words[i]) && i + 1 < words.size() && !words[i + 1].starts_with("--")) ++i;
  }
}

}  // namespace

Result<CommandLine> parse_command_line(std::string_view program,
                                       const std::vector<std::string>& arguments)
{
  // After "--" everything is an argument, whatever it looks like; CLI11 need not know.
  const auto dashes = std::ranges::find(arguments, "--");
  std::vector<std::string> words(arguments.begin(), dashes);
  CommandLine line;
  find_questions(words, line);

  std::string command(command_of_program(program));
  if (command.empty()) {
    const std::size_t position = command_position(words);
    if (position < words.size()) {
      command = words[position];
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(position));
      if (command == "help")
        return parse_command_line(program, [&] {
          words.emplace_back("--help");
          return words;
        }());
    }
  }
  line.command = find_command(command);
  if (line.help || line.version) return line;
  if (!command.empty() && line.command == nullptr) return unknown_command(command, line);
  if (line.command == nullptr) {
    if (!words.empty() || dashes != arguments.end())
      return fail(Errc::invalid, "no command is named", help_hint(line));
    return line;
  }
  TRY(check_values(words));
  TRY(parse_options(words, line));
  if (dashes != arguments.end())
    line.arguments.insert(line.arguments.end(), dashes + 1, arguments.end());
  if (line.command->arguments.empty() && !line.arguments.empty()) {
    return fail(Errc::invalid,
                "'" + printable(line.arguments.front()) + "': " + std::string(line.command->name) +
                    " takes no arguments",
                help_hint(line));
  }
  return line;
}

}  // namespace ib
