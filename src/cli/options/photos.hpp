// SPDX-License-Identifier: Apache-2.0
// What `photos` and `download` have in common.
#pragma once

#include "cli/option.hpp"
#include "cli/settings.hpp"

#include <string>

namespace ib {

/// --below
Option below_option();
/// "/" or a folder of the backup, with a slash at both ends.
Result<std::string> below(const Settings& settings);

/// --list
Option list_option();

}  // namespace ib
