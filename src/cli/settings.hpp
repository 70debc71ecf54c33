// SPDX-License-Identifier: Apache-2.0
//
// What the command line, the environment and the config file say together: the first of them that
// says anything about an option has the word.
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
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// In the order of precedence.
enum class Origin : std::uint8_t { command_line, environment, config_file };

struct Setting {
  std::vector<std::string> values;
  Origin origin = Origin::command_line;
  std::string name;  ///< for messages: "--workers", "UPLOAD_WORKERS in the environment",
                     ///< "immich.toml:3: workers"
};

using EnvironmentLookup = std::function<std::optional<std::string>(const char*)>;

class Settings {
public:
  /// `config` is empty where there is no config file.
  static Settings collect(const CommandLine& line, const EnvironmentLookup& environment,
                          const ConfigValues& config, const std::string& config_file);

  /// Null where nobody says anything.
  const Setting* find(std::string_view option) const;

  std::optional<std::string> text(std::string_view option) const;
  std::vector<std::string> list(std::string_view option) const;
  /// Errors are `invalid`, and say where the value came from.
  Result<bool> flag(std::string_view option) const;
  Result<std::optional<std::uint64_t>> number(std::string_view option, std::uint64_t least,
                                              std::uint64_t most) const;
  /// One of the option's choices.
  Result<std::optional<std::string>> choice(std::string_view option) const;
  /// "90s", "90m", "20h", "2d", "1w": not nothing, and a year at most.
  Result<std::optional<std::chrono::seconds>> duration(std::string_view option) const;
  /// A sum of US dollars, "5" or "0.50".
  Result<std::optional<double>> dollars(std::string_view option) const;
  /// Absent: the latest.
  Result<std::optional<Timestamp>> point_in_time(std::string_view option, Timestamp now) const;

private:
  std::map<std::string, Setting, std::less<>> settings_;
};

/// The whole of the file that a setting names; `invalid` where it cannot be read.
Result<std::string> read_configured_file(const Setting& setting, std::uint64_t limit);

/// Reads the command line, the environment (after setting what --env says) and the config file.
Result<Settings> load_settings(const CommandLine& line);

}  // namespace ib
