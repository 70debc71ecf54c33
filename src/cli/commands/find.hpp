// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/query/find.hpp"
#include "cli/settings.hpp"

#include <string>
#include <vector>

namespace ib {

Result<FindJob> find_job(const Settings& settings, std::vector<std::string> arguments);

}  // namespace ib
