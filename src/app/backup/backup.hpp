// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/backup/backup_job.hpp"
#include "app/session.hpp"
#include "report/backup.hpp"

namespace ib {

/// Backs up: database, then library, then manifest and restore point. What concerns one file, or
/// the dump alone, is a problem in the report; an error is what stopped everything. In both cases
/// whatever the store confirmed is kept and not sent again.
Result<BackupReport> run_backup(const Session& session, const BackupJob& job);

}  // namespace ib
