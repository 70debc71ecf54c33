// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace ib {

/// A script that makes `shell` (bash, zsh or fish) complete commands, options and their values.
Result<std::string> completion_script(std::string_view shell);

}  // namespace ib
