// SPDX-License-Identifier: Apache-2.0
// The options of the page: where it listens, and who may see it.
#pragma once

#include "base/progress.hpp"
#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "web/access.hpp"
#include "web/network.hpp"

#include <optional>
#include <string>

namespace ib {

Options page_options();

/// Absent where there is to be no page.
Result<std::optional<ListenAddress>> listen_address(const Settings& settings);

/// Without a password and a proxy there is a random password, in a file of the state folder. Tells
/// where it is, not what it is.
Result<AccessRules> access_rules(const Settings& settings, const std::string& state_folder,
                                 Progress& progress);

}  // namespace ib
