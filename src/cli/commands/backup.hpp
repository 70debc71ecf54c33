// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/backup/backup_job.hpp"
#include "cli/settings.hpp"

namespace ib {

Result<BackupJob> backup_job(const Settings& settings);

}  // namespace ib
