// SPDX-License-Identifier: Apache-2.0
#include "report/config.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/commands/all.hpp"
#include "cli/config_template.hpp"
#include "cli/invocation.hpp"
#include "cli/public_secrets.hpp"
#include "net/http_message.hpp"
#include "net/smtp.hpp"
#include "postgres/address.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <limits>

namespace ib {
namespace {

constexpr std::string_view kNotShown = "(set, not shown)";
// Whoever knows such an address may use it.
constexpr std::array<std::string_view, 3> kSecretAddresses{"ping", "webhook", "pushgateway"};
// Commands may hold such addresses, and passwords.
constexpr std::array<std::string_view, 2> kCommands{"before-backup", "after-backup"};
constexpr std::array<std::string_view, 2> kDatabaseAddresses{"db-url", "drill-db"};

/// What may be shown of a value: of a password nothing, of an address that is as good as one its
/// host.
std::string shown_value(const Option& option, const std::string& value)
{
  const auto is_one_of = [&](const auto& names) {
    return std::ranges::find(names, option.name) != names.end();
  };
  if (option.secret || is_one_of(kCommands)) return std::string(kNotShown);
  if (is_one_of(kSecretAddresses)) return "an address of " + host_of(value);
  // Neither a user nor a password has a place in it. Who puts one there all the same sees it
  // nowhere.
  if (option.name == "mail-server")
    return MailServer::parse(value) ? value : std::string(kNotShown);
  if (is_one_of(kDatabaseAddresses)) {
    const Result<DatabaseAddress> address = parse_database_url(value);
    return address ? describe(*address) : std::string(kNotShown);
  }
  return value;
}

bool may_be_printed(const Option& option)
{
  return shown_value(option, "x") == "x";
}

/// A command reads its own settings. These are those of all commands.
Result<> check(const Settings& settings)
{
  for (const Option& option : all_options()) {
    if (option.is_flag()) TRY(settings.flag(option.name));
    if (!option.choices.empty()) TRY(settings.choice(option.name));
    if (option.metavar == "N")
      TRY(settings.number(option.name, 0, std::numeric_limits<std::uint64_t>::max()));
  }
  return {};
}

Result<ConfigReport> read_all(const Invocation& invocation, bool checks)
{
  CommandLine line = invocation.line();
  line.command = nullptr;
  const std::vector<ConfigFile> files = TRY(read_config_files(line));
  const Settings settings = Settings::collect(line, environment, files);
  if (checks) TRY(check(settings));
  ConfigReport report;
  report.header.command = "config";
  for (const ConfigFile& file : files) report.files.push_back(file.path);
  for (const Option& option : all_options()) {
    const Setting* setting = settings.find(option.name);
    if (setting == nullptr || setting->origin == Origin::command_line) continue;
    ShownSetting shown{.name = std::string(option.name), .values = {}, .from = setting->name};
    for (const std::string& value : setting->values)
      shown.values.push_back(shown_value(option, value));
    report.settings.push_back(std::move(shown));
  }
  report.header.notes = warnings_about(line, settings);
  std::ranges::move(warnings_about_names(environment_of("IMMICH_BACKUP_")),
                    std::back_inserter(report.header.notes));
  return report;
}

/// One value a line, for scripts. Nothing where the option is not set.
Result<Conclusion> get(const Invocation& invocation, const std::string& name)
{
  const Option* option = find_option(name);
  if (option == nullptr)
    return fail(Errc::invalid, "config get: there is no option '" + printable(name) + "'");
  if (!may_be_printed(*option))
    return fail(Errc::invalid, "config get: " + name + " is a secret, or may hold one");
  CommandLine line = invocation.line();
  line.command = nullptr;
  const Settings settings = Settings::collect(line, environment, TRY(read_config_files(line)));
  std::string lines;
  for (const std::string& value : settings.list(name)) lines += value + "\n";
  return Conclusion{.results = lines};
}

Result<Conclusion> run(Invocation& invocation)
{
  const std::vector<std::string>& words = invocation.arguments();
  if (words.size() == 2 && words.front() == "get") return get(invocation, words.back());
  const std::string word = words.size() == 1 ? words.front() : "";
  if (word == "template") return Conclusion{.results = config_template()};
  if (word != "show" && word != "check")
    return fail(Errc::invalid, "config: say show, check, get NAME or template");
  Result<ConfigReport> report = read_all(invocation, word == "check");
  if (report && word == "check") report->settings.clear();
  return invocation.conclude(std::move(report));
}

}  // namespace

Command make_config_command()
{
  return {
      .name = "config",
      .group = CommandGroup::program,
      .summary = "show the settings and where each comes from",
      .description =
          "show: each setting that is set, where it comes from, and no password. "
          "check: whether the config files can be read and name options, and whether flags, "
          "numbers and choices are such; `doctor` tries the settings. get NAME: the values "
          "of one option, for scripts. template: a config file with every setting as a "
          "comment.",
      .arguments = "show|check|get NAME|template",
      .argument_words = {"show", "check", "get", "template"},
      .examples = {{"immich-backup config show"},
                   {"immich-backup config template > ~/.config/immich-backup/config.toml"}},
      .options = {{.name = "json", .help = "print one JSON object instead of text"},
                  {.name = "config",
                   .metavar = "FILE",
                   .help = "look at this file instead of those that are read without it"}},
      .shows_progress = false,
      .run = run,
  };
}

}  // namespace ib
