// SPDX-License-Identifier: Apache-2.0
// The settings from the command line, the environment and the config files. The first of them that
// sets an option decides its value.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "cli/command_line.hpp"
#include "cli/config_file.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ib {

/// Where a setting comes from, in order of precedence.
enum class Origin : std::uint8_t { command_line, environment, config_file };

struct Setting {
  std::vector<std::string> values;
  Origin origin = Origin::command_line;
  std::string name;       ///< for messages: "--workers", "UPLOAD_WORKERS in the environment",
                          ///< "immich.toml:3: workers"
  std::string file = {};  ///< the config file that it comes from
};

/// A config file that is read where none is named.
struct DefaultConfigFile {
  std::string_view shown;  ///< its path, as a manual says it
  std::string_view says;
};
/// The user's first: it comes before the machine's.
std::span<const DefaultConfigFile> default_config_files();

using EnvironmentLookup = std::function<std::optional<std::string>(const char*)>;

class Settings {
public:
  /// Of several config files, the first that sets an option decides. For a line without a command,
  /// of all options.
  static Settings collect(const CommandLine& line, const EnvironmentLookup& environment,
                          std::span<const ConfigFile> files);

  /// Null if the option is not set.
  const Setting* find(std::string_view option) const;

  std::optional<std::string> text(std::string_view option) const;
  std::vector<std::string> list(std::string_view option) const;
  // The getters below return nothing (false for a flag) if the option is not set. Their errors are
  // `invalid` and tell where the value came from.

  /// "true", "1", "yes" or "on"; "false", "0", "no" or "off".
  Result<bool> flag(std::string_view option) const;
  Result<std::optional<std::uint64_t>> number(std::string_view option, std::uint64_t least,
                                              std::uint64_t most) const;
  /// One of the option's choices.
  Result<std::optional<std::string>> choice(std::string_view option) const;
  /// "90s", "90m", "20h", "2d" or "1w". More than 0 and at most 366 days.
  Result<std::optional<std::chrono::seconds>> duration(std::string_view option) const;
  /// An amount of US dollars: "5" or "0.50".
  Result<std::optional<double>> dollars(std::string_view option) const;
  /// Also absent for "latest".
  Result<std::optional<Timestamp>> point_in_time(std::string_view option, Timestamp now) const;

private:
  std::map<std::string, Setting, std::less<>> settings_;
};

/// The whole content of the file that a setting names. `invalid` if it cannot be read or is larger
/// than `limit` bytes.
Result<std::string> read_configured_file(const Setting& setting, std::uint64_t limit);

/// The password that `option` is, or that the file holds which `option`-file names: of the stronger
/// source's, and of one source's the first. Absent if neither is set. `invalid` for a file that
/// cannot be read, or is empty.
Result<std::optional<std::string>> read_password(const Settings& settings, std::string_view option);

/// The config files of this run: the one that --config or IMMICH_BACKUP_CONFIG names, else those of
/// default_config_files() that exist. `invalid` if one of them cannot be read.
Result<std::vector<ConfigFile>> read_config_files(const CommandLine& line);

/// Reads the settings from the command line, the environment and the config files. Sets the
/// variables of --env first.
Result<Settings> load_settings(const CommandLine& line);

/// A warning for each of these variables that begins with IMMICH_BACKUP_ and is no setting.
std::vector<std::string> warnings_about_names(
    const std::vector<std::pair<std::string, std::string>>& variables);

}  // namespace ib
