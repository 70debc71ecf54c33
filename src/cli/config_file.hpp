// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// What a config file says about one option.
struct ConfigValue {
  std::vector<std::string> values;  ///< numbers and booleans as they are written
  unsigned line = 0;
};

using ConfigValues = std::map<std::string, ConfigValue, std::less<>>;

/// Reads TOML whose keys are the names of options. `file` is what messages call it. `invalid` for
/// anything that no option takes, with its line; no message holds a value, since some are
/// passwords.
Result<ConfigValues> parse_config(std::string_view toml, const std::string& file);

}  // namespace ib
