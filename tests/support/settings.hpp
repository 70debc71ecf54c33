// SPDX-License-Identifier: Apache-2.0
// Makes settings as the program would read them.
#pragma once

#include "cli/settings.hpp"

#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ib::test {

using Variables = std::map<std::string, std::string>;

inline EnvironmentLookup lookup(Variables variables)
{
  return [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

/// The settings from this command line, this environment and this config file.
inline Settings settings(const std::vector<std::string>& words, const Variables& variables = {},
                         const std::string& toml = "")
{
  const Result<CommandLine> line = parse_command_line("immich-backup", words);
  EXPECT_TRUE(line) << line.error().message;
  const Result<ConfigValues> config = parse_config(toml, "immich.toml");
  EXPECT_TRUE(config) << config.error().message;
  const std::vector<ConfigFile> files{{.path = "immich.toml", .values = *config}};
  return Settings::collect(*line, lookup(variables), files);
}

}  // namespace ib::test
