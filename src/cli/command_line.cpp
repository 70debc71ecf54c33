// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include "base/suggestion.hpp"
#include "base/text.hpp"
#include "cli/commands/all.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace ib {
namespace {

/// A word of the command line. An option includes its value.
struct Word {
  std::string_view text;          ///< as the user typed it
  bool is_option = false;         ///< it begins with a dash
  std::string_view name = {};     ///< the name of an option, without dashes and value
  const Option* known = nullptr;  ///< null: no command takes an option with this name
  std::optional<std::string_view> value = {};
  std::string_view follows = {};  ///< the next word, if it cannot be the missing value
};

std::string_view before_equals(std::string_view text)
{
  return text.substr(0, text.find('='));
}

Word option_word(std::string_view text)
{
  const std::string_view written = before_equals(text);
  const std::size_t dashes = std::min(written.find_first_not_of('-'), written.size());
  Word word{.text = text, .is_option = true, .name = written.substr(dashes)};
  if (dashes == 2) word.known = find_option(word.name);
  if (written.size() < text.size()) word.value = text.substr(written.size() + 1);
  return word;
}

std::vector<Word> words_of(std::span<const std::string> texts)
{
  std::vector<Word> words;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].size() < 2 || !texts[i].starts_with('-')) {
      words.push_back({.text = texts[i]});
      continue;
    }
    Word word = option_word(texts[i]);
    const bool wants_value =
        word.known != nullptr && !word.known->is_flag() && !word.known->secret && !word.value;
    if (wants_value && i + 1 < texts.size()) {
      // If the next word begins with two dashes, the user probably forgot the value.
      if (texts[i + 1].starts_with("--")) {
        word.follows = texts[i + 1];
      } else {
        word.value = texts[++i];
      }
    }
    words.push_back(word);
  }
  return words;
}

/// For example "Did you mean --store? `immich-backup backup --help` tells more."
std::string hint(const CommandLine& line, const std::string& guess = "")
{
  const std::string command = line.command == nullptr ? "" : std::string(line.command->name) + " ";
  return guess + (guess.empty() ? "" : " ") + "`immich-backup " + command + "--help` tells more.";
}

/// The options that the user can have meant.
std::span<const Option> options_of(const CommandLine& line)
{
  return line.command == nullptr ? all_options() : std::span(line.command->options);
}

std::unexpected<Error> unknown_command(std::string_view name, const CommandLine& line)
{
  std::vector<std::string_view> known;
  for (const Command& command : all_commands()) {
    known.push_back(command.name);
    known.insert(known.end(), command.aliases.begin(), command.aliases.end());
  }
  return fail(Errc::invalid, "there is no command '" + printable(name) + "'",
              hint(line, did_you_mean(name, known)));
}

std::unexpected<Error> unknown_option(const Word& word, const CommandLine& line)
{
  std::vector<std::string_view> known{"help", "version"};
  for (const Option& option : options_of(line)) {
    if (!option.secret) known.push_back(option.name);
  }
  std::string way_out = hint(line, did_you_mean(word.name, known, "--"));
  if (line.command != nullptr && !line.command->arguments.empty())
    way_out += " A pattern that begins with a dash goes after --.";
  return fail(Errc::invalid, "there is no option " + printable(before_equals(word.text)), way_out);
}

std::unexpected<Error> missing_value(const Word& word)
{
  const std::string message = std::string(word.text) + ": its value is missing";
  if (word.follows.empty()) return fail(Errc::invalid, message);
  return fail(Errc::invalid, message + ": '" + printable(before_equals(word.follows)) + "' follows",
              "If that is the value, write " + std::string(word.text) + "=...");
}

/// Finds the errors that do not depend on the command. It runs before the command is looked up: the
/// word after a refused option may be a secret, so no message may quote it as an unknown command.
Result<> check_options(std::span<const Word> words, const CommandLine& line)
{
  for (const Word& word : words) {
    if (!word.is_option) continue;
    if (word.known == nullptr) return unknown_option(word, line);
    if (word.known->secret) {
      return fail(Errc::invalid,
                  "--" + std::string(word.name) +
                      ": not allowed on the command line, "
                      "because every user of this machine can read it",
                  "Put the password into " + environment_names(*word.known).back() +
                      ", or put it into a file and name the file with --" + std::string(word.name) +
                      "-file.");
    }
    const bool is_empty = word.text.ends_with('=') && word.value == "";
    if (!word.known->is_flag() && (!word.value || is_empty)) return missing_value(word);
  }
  return {};
}

Result<> take_option(const Word& word, CommandLine& line)
{
  const std::string option = "--" + std::string(word.name);
  const Option* own = line.command->find_option(word.name);
  if (own == nullptr) {
    return fail(Errc::invalid,
                option + ": " + std::string(line.command->name) + " takes no such option",
                hint(line));
  }
  std::vector<std::string>& values = line.options[std::string(word.name)];
  if (word.known->is_flag()) {
    if (word.value) return fail(Errc::invalid, option + ": takes no value", hint(line));
    values = {"true"};
    return {};
  }
  const bool may_repeat = own->repeatable || own->repeatable_on_line;
  if (!values.empty() && !may_repeat) return fail(Errc::invalid, option + ": given twice");
  values.emplace_back(*word.value);
  return {};
}

/// The command that the program's own name means. Empty if there is none.
std::string_view command_of_program(std::string_view program)
{
  program.remove_prefix(program.find_last_of('/') + 1);  // npos + 1 is 0
  if (program.ends_with(".py")) program.remove_suffix(3);
  const Command* command = find_command(program);
  return command != nullptr && command->is_a_program ? program : std::string_view();
}

/// Removes the first argument from `words` and returns it. Absent if there is none.
std::optional<std::string_view> take_argument(std::vector<Word>& words)
{
  const auto first = std::ranges::find(words, false, &Word::is_option);
  if (first == words.end()) return std::nullopt;
  const std::string_view text = first->text;
  words.erase(first);
  return text;
}

bool holds(std::span<const Word> words, std::string_view text)
{
  return std::ranges::find(words, text, &Word::text) != words.end();
}

}  // namespace

Result<CommandLine> parse_command_line(std::string_view program,
                                       const std::vector<std::string>& arguments)
{
  const auto dashes = std::ranges::find(arguments, "--");
  std::vector<Word> words = words_of(std::span(arguments.begin(), dashes));
  CommandLine line{.help = holds(words, "--help") || holds(words, "-h"),
                   .version = holds(words, "--version")};

  std::optional<std::string_view> named = command_of_program(program);
  if (named->empty()) named = take_argument(words);
  if (named == "help") {
    line.help = true;
    named = take_argument(words);
  }
  if (named) line.command = find_command(*named);
  if (line.help || line.version) return line;

  TRY(check_options(words, line));
  if (named && line.command == nullptr) return unknown_command(*named, line);
  if (line.command == nullptr) {
    if (!arguments.empty()) return fail(Errc::invalid, "the command is missing", hint(line));
    return line;
  }
  for (const Word& word : words) {
    if (word.is_option) {
      TRY(take_option(word, line));
    } else {
      line.arguments.emplace_back(word.text);
    }
  }
  if (dashes != arguments.end())
    line.arguments.insert(line.arguments.end(), dashes + 1, arguments.end());
  if (line.command->arguments.empty() && !line.arguments.empty()) {
    return fail(Errc::invalid,
                "'" + printable(line.arguments.front()) + "': " + std::string(line.command->name) +
                    " takes no arguments",
                hint(line));
  }
  return line;
}

}  // namespace ib
