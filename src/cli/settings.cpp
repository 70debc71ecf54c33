// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.hpp"

#include "base/suggestion.hpp"
#include "base/text.hpp"
#include "cli/commands/all.hpp"
#include "core/selection/point_in_time.hpp"
#include "sys/file.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <iterator>

namespace ib {
namespace {

constexpr std::uint64_t kLargestPasswordFile = std::uint64_t{64} * 1024;
constexpr std::uint64_t kLargestConfig = std::uint64_t{1024} * 1024;
constexpr std::string_view kMachineConfig = "/etc/immich-backup/config.toml";
constexpr std::string_view kPrefix = "IMMICH_BACKUP_";

std::vector<std::string> split_at_commas(std::string_view text)
{
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

std::optional<Setting> from_environment(const Option& option, const EnvironmentLookup& environment)
{
  for (const std::string& name : environment_names(option)) {
    const std::optional<std::string> value = environment(name.c_str());
    if (!value || value->empty()) continue;
    return Setting{
        .values = option.repeatable ? split_at_commas(*value) : std::vector<std::string>{*value},
        .origin = Origin::environment,
        .name = name + " in the environment"};
  }
  return std::nullopt;
}

std::optional<Setting> find_setting(const Option& option, const CommandLine& line,
                                    const EnvironmentLookup& environment,
                                    std::span<const ConfigFile> files)
{
  const std::string name(option.name);
  if (const auto given = line.options.find(option.name); given != line.options.end()) {
    return Setting{.values = given->second, .origin = Origin::command_line, .name = "--" + name};
  }
  if (std::optional<Setting> setting = from_environment(option, environment)) return setting;
  for (const ConfigFile& file : files) {
    const auto configured = file.values.find(option.name);
    if (configured == file.values.end()) continue;
    return Setting{
        .values = configured->second.values,
        .origin = Origin::config_file,
        .name = printable(file.path) + ":" + std::to_string(configured->second.line) + ": " + name,
        .file = file.path};
  }
  return std::nullopt;
}

/// $XDG_CONFIG_HOME/immich-backup/config.toml or ~/.config/..., and the machine's.
std::vector<std::string> default_config_paths()
{
  std::vector<std::string> paths;
  const auto config = environment("XDG_CONFIG_HOME");
  const auto home = environment("HOME");
  if (config && config->starts_with('/')) {
    paths.push_back(*config + "/immich-backup/config.toml");
  } else if (home && home->starts_with('/')) {
    paths.push_back(*home + "/.config/immich-backup/config.toml");
  }
  paths.emplace_back(kMachineConfig);
  return paths;
}

/// What Kubernetes sets in each container of a namespace with a Service called immich-backup.
bool is_service_link(std::string_view name, std::string_view value)
{
  const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
  return has("_SERVICE_HOST") || has("_SERVICE_PORT") || has("_TCP") || has("_UDP") ||
         (name.ends_with("_PORT") && value.find("://") != value.npos);
}

std::unexpected<Error> bad_value(const Setting& setting, const std::string& what)
{
  return fail(Errc::invalid,
              setting.name + ": '" + printable(setting.values.front()) + "' " + what);
}

/// Makes --env's variables part of the environment, before anything else reads it.
Result<> set_environment(const CommandLine& line)
{
  const auto given = line.options.find("env");
  if (given == line.options.end()) return {};
  for (const std::string& assignment : given->second) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      // The message does not repeat the text: without a name, it may be a secret.
      return fail(Errc::invalid, "--env: takes NAME=VALUE", "For example --env UPLOAD_WORKERS=8");
    }
    if (::setenv(assignment.substr(0, equals).c_str(), assignment.substr(equals + 1).c_str(), 1) !=
        0) {
      return fail(Errc::invalid, "--env: this variable cannot be set");
    }
  }
  return {};
}

}  // namespace

Settings Settings::collect(const CommandLine& line, const EnvironmentLookup& environment,
                           std::span<const ConfigFile> files)
{
  Settings settings;
  const std::span<const Option> options =
      line.command == nullptr ? all_options() : std::span(line.command->options);
  for (const Option& option : options) {
    if (std::optional<Setting> setting = find_setting(option, line, environment, files)) {
      if (!setting->values.empty()) settings.settings_.emplace(option.name, std::move(*setting));
    }
  }
  return settings;
}

const Setting* Settings::find(std::string_view option) const
{
  const auto found = settings_.find(option);
  return found == settings_.end() ? nullptr : &found->second;
}

std::optional<std::string> Settings::text(std::string_view option) const
{
  const Setting* setting = find(option);
  return setting == nullptr || setting->values.front().empty()
             ? std::nullopt
             : std::optional(setting->values.front());
}

std::vector<std::string> Settings::list(std::string_view option) const
{
  const Setting* setting = find(option);
  return setting == nullptr ? std::vector<std::string>() : setting->values;
}

Result<bool> Settings::flag(std::string_view option) const
{
  const Setting* setting = find(option);
  if (setting == nullptr) return false;
  const std::string& value = setting->values.front();
  for (const std::string_view yes : {"true", "1", "yes", "on"}) {
    if (value == yes) return true;
  }
  for (const std::string_view no : {"false", "0", "no", "off"}) {
    if (value == no) return false;
  }
  return bad_value(*setting, "is neither true nor false");
}

Result<std::optional<std::uint64_t>> Settings::number(std::string_view option, std::uint64_t least,
                                                      std::uint64_t most) const
{
  const Setting* setting = find(option);
  if (setting == nullptr) return std::nullopt;
  const std::string& value = setting->values.front();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error == std::errc::invalid_argument || end != value.data() + value.size())
    return bad_value(*setting, "is not a number");
  if (error != std::errc() || number < least || number > most) {
    return bad_value(*setting,
                     "is not between " + format_count(least) + " and " + format_count(most));
  }
  return number;
}

Result<std::optional<std::string>> Settings::choice(std::string_view option) const
{
  const Setting* setting = find(option);
  if (setting == nullptr) return std::nullopt;
  const std::vector<std::string_view>& choices = find_option(option)->choices;
  if (std::ranges::find(choices, setting->values.front()) != choices.end())
    return setting->values.front();
  std::string names;
  for (const std::string_view name : choices)
    names += (names.empty() ? "" : ", ") + std::string(name);
  return bad_value(*setting, "is not one of " + names);
}

Result<std::optional<std::chrono::seconds>> Settings::duration(std::string_view option) const
{
  using namespace std::chrono;
  const Setting* setting = find(option);
  if (setting == nullptr) return std::nullopt;
  std::string_view value = setting->values.front();
  constexpr std::array<std::pair<char, seconds>, 5> kUnits{
      {{'s', seconds(1)}, {'m', minutes(1)}, {'h', hours(1)}, {'d', days(1)}, {'w', weeks(1)}}};
  const auto* unit = std::ranges::find(kUnits, value.empty() ? ' ' : value.back(),
                                       &std::pair<char, seconds>::first);
  if (unit != kUnits.end()) value.remove_suffix(1);
  const std::uint32_t count = parse_number<std::uint32_t>(value).value_or(0);
  if (unit == kUnits.end() || count == 0 || count > days(366) / unit->second)
    return bad_value(*setting, "is not a time such as 90m, 20h or 2d");
  return unit->second * count;
}

Result<std::optional<double>> Settings::dollars(std::string_view option) const
{
  const Setting* setting = find(option);
  if (setting == nullptr) return std::nullopt;
  std::string_view value = setting->values.front();
  if (value.starts_with('$')) value.remove_prefix(1);
  double number = 0;
  const auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), number, std::chars_format::fixed);
  if (error != std::errc() || end != value.data() + value.size() || !(number >= 0) || number > 1e9)
    return bad_value(*setting, "is not an amount of dollars such as 5 or 0.50");
  return number;
}

Result<std::optional<Timestamp>> Settings::point_in_time(std::string_view option,
                                                         Timestamp now) const
{
  const Setting* setting = find(option);
  if (setting == nullptr) return std::nullopt;
  Result<std::optional<Timestamp>> time = parse_point_in_time(setting->values.front(), now);
  if (setting->origin != Origin::command_line) return std::move(time).context(setting->name);
  return time;
}

Result<std::string> read_configured_file(const Setting& setting, std::uint64_t limit)
{
  Result<std::string> text = read_file(setting.values.front(), limit).context(setting.name);
  // Whatever the reason is, a person named the wrong file.
  if (!text) text.error().code = Errc::invalid;
  return text;
}

Result<std::optional<std::string>> read_password(const Settings& settings, std::string_view option)
{
  const Setting* value = settings.find(option);
  const Setting* file = settings.find(std::string(option) + "-file");
  if (file == nullptr || (value != nullptr && value->origin <= file->origin))
    return settings.text(option);
  std::string text = TRY(read_configured_file(*file, kLargestPasswordFile));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty()) return fail(Errc::invalid, file->name + ": this file is empty");
  return text;
}

std::span<const DefaultConfigFile> default_config_files()
{
  static constexpr std::array<DefaultConfigFile, 2> kFiles{
      {{"~/.config/immich-backup/config.toml",
        "the settings of a user, in $XDG_CONFIG_HOME where that is set"},
       {kMachineConfig, "the settings of the machine; those of a user come first"}}};
  return kFiles;
}

Result<std::vector<ConfigFile>> read_config_files(const CommandLine& line)
{
  std::vector<ConfigFile> files;
  const std::optional<Setting> named = find_setting(*find_option("config"), line, environment, {});
  if (named) {
    const std::string& path = named->values.front();
    if (path == "/dev/null") return files;
    const std::string toml = TRY(read_configured_file(*named, kLargestConfig));
    files.push_back({.path = path, .values = TRY(parse_config(toml, path))});
    return files;
  }
  for (const std::string& path : default_config_paths()) {
    const Result<std::string> toml = read_file(path, kLargestConfig);
    if (!toml && toml.error().code == Errc::not_found) continue;
    if (!toml)
      return fail(Errc::invalid, toml.error().message,
                  "This file is read since no other is named. Run this as a user who may read it "
                  "(sudo), or name another file: --config FILE; --config /dev/null names none.");
    files.push_back({.path = path, .values = TRY(parse_config(*toml, path))});
  }
  return files;
}

Result<Settings> load_settings(const CommandLine& line)
{
  TRY(set_environment(line));
  return Settings::collect(line, environment, TRY(read_config_files(line)));
}

std::vector<std::string> warnings_about_names(
    const std::vector<std::pair<std::string, std::string>>& variables)
{
  std::vector<std::string> names;
  for (const Option& option : all_options())
    std::ranges::move(environment_names(option), std::back_inserter(names));
  const std::vector<std::string_view> known(names.begin(), names.end());
  std::vector<std::string> warnings;
  for (const auto& [name, value] : variables) {
    if (!name.starts_with(kPrefix) || is_service_link(name, value) ||
        std::ranges::find(known, name) != known.end())
      continue;
    const std::string guess = did_you_mean(name, known);
    warnings.push_back(printable(name) + " in the environment is no setting, and is ignored" +
                       (guess.empty() ? "" : ". " + guess));
  }
  return warnings;
}

}  // namespace ib
