// SPDX-License-Identifier: Apache-2.0
#include "cli/config_file.hpp"

#include "base/suggestion.hpp"
#include "base/text.hpp"
#include "cli/commands/all.hpp"

#include <toml++/toml.h>
#include <optional>

namespace ib {
namespace {

std::string place(const std::string& file, unsigned line)
{
  return printable(file) + ":" + std::to_string(line) + ": ";
}

std::optional<std::string> scalar(const toml::node& node)
{
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return std::nullopt;
}

std::unexpected<Error> unknown_key(const std::string& key, const std::string& where)
{
  std::vector<std::string_view> known;
  for (const Option& option : all_options()) {
    if (!option.command_line_only) known.push_back(option.name);
  }
  std::string hint = did_you_mean(key, known);
  if (hint.empty())
    hint = "Keys are the names of options without their dashes, such as store or db-host.";
  return fail(Errc::invalid, where + "there is no option '" + printable(key) + "'", hint);
}

Result<ConfigValue> read_value(const Option& option, const toml::node& node,
                               const std::string& where)
{
  ConfigValue value{.values = {}, .line = node.source().begin.line};
  if (const toml::array* array = node.as_array(); array != nullptr && option.repeatable) {
    for (const toml::node& element : *array) {
      std::optional<std::string> text = scalar(element);
      if (!text)
        return fail(Errc::invalid, where + std::string(option.name) + " takes a list of texts");
      value.values.push_back(std::move(*text));
    }
    return value;
  }
  if (option.is_flag() && !node.is_boolean())
    return fail(Errc::invalid, where + std::string(option.name) + " is true or false");
  std::optional<std::string> text = scalar(node);
  if (!text || (!option.is_flag() && node.is_boolean())) {
    return fail(Errc::invalid, where + std::string(option.name) +
                                   (option.repeatable ? " takes a text or a list of texts"
                                                      : " takes one text or number"));
  }
  value.values.push_back(std::move(*text));
  return value;
}

}  // namespace

Result<ConfigValues> parse_config(std::string_view toml, const std::string& file)
{
  ConfigValues values;
  try {
    const toml::table table = toml::parse(toml);
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      const std::string where = place(file, key.source().begin.line);
      const Option* option = find_option(name);
      if (option == nullptr || option->command_line_only || name == "config")
        return unknown_key(name, where);
      values.emplace(name, TRY(read_value(*option, node, where)));
    }
  } catch (const toml::parse_error& error) {
    // The parser's description quotes the text, which may be a password.
    return fail(Errc::invalid,
                place(file, error.source().begin.line) + "not valid TOML at column " +
                    std::to_string(error.source().begin.column),
                "Write texts in quotes: library = \"/photos\"");
  } catch (const std::exception&) {
    return fail(Errc::invalid, printable(file) + ": cannot be read as TOML");
  }
  return values;
}

}  // namespace ib
