// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/query/ls.hpp"
#include "cli/settings.hpp"

#include <string>
#include <vector>

namespace ib {

Result<LsJob> ls_job(const Settings& settings, std::vector<std::string> patterns, Timestamp now);

}  // namespace ib
