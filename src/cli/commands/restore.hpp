// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/restore/restore.hpp"
#include "cli/settings.hpp"

#include <string>
#include <vector>

namespace ib {

Result<RestoreJob> restore_job(const Settings& settings, std::vector<std::string> patterns,
                               Timestamp now);

}  // namespace ib
