// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/backup.hpp"
#include "app/session.hpp"
#include "core/report.hpp"
#include "transfer/download.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

struct RestoreJob {
  std::string target;
  std::vector<std::string> patterns;   ///< as in .gitignore, below the media root; none: everything
  std::optional<Timestamp> at;         ///< absent: the newest restore point
  std::optional<Overwrite> overwrite;  ///< absent: the target must hold no files yet
  bool dry_run = false;
};

/// Puts files back, each compared with its recorded digests before it gets its name, with its time. A
/// restore of everything also makes the folders and markers that Immich needs to start.
Result<RestoreReport> run_restore(const Session& session, const RestoreJob& job);

struct DatabaseRestoreJob {
  DatabaseSettings database;  ///< must be empty
  std::optional<Timestamp> at;
  std::optional<std::string> dump;  ///< an object under database/; absent: that of the restore point
};

/// Puts a dump back into an empty database, in one transaction. The dump is read and checked to its end
/// before the database is touched, and only then sent.
Result<DatabaseRestoreReport> run_restore_database(const Session& session, const DatabaseRestoreJob& job);

}  // namespace ib
