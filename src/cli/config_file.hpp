// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// The value of one option in a config file.
struct ConfigValue {
  std::vector<std::string> values;  ///< numbers and booleans as in TOML
  unsigned line = 0;
};

using ConfigValues = std::map<std::string, ConfigValue, std::less<>>;

struct ConfigFile {
  std::string path;
  ConfigValues values;
};

/// Reads TOML whose keys are names of options. Messages call it `file`. An unknown key or an
/// unsuitable value is `invalid`; the message names the line. No message repeats a value, because
/// some values are passwords.
Result<ConfigValues> parse_config(std::string_view toml, const std::string& file);

}  // namespace ib
