// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/restore/restore_database.hpp"
#include "cli/settings.hpp"

namespace ib {

Result<DatabaseRestoreJob> database_restore_job(const Settings& settings, Timestamp now);

}  // namespace ib
