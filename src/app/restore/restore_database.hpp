// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "postgres/database_settings.hpp"
#include "report/restore_database.hpp"

#include <optional>
#include <string>

namespace ib {

struct DatabaseRestoreJob {
  DatabaseSettings database;
  std::optional<Timestamp> at;
  std::optional<std::string> dump;    ///< an object under database/; absent: of the restore point
  bool create = false;                ///< make the database if there is none of that name
  bool replace_empty_immich = false;  ///< what a new Immich has made goes first
};

/// Puts a dump of the store back into an empty database that nobody else is connected to, in one
/// transaction. The dump is read and checked to its end, and the server's extensions are looked at,
/// before the database is touched; afterwards each table's rows are counted and compared with the
/// dump's.
Result<DatabaseRestoreReport> run_restore_database(const Session& session,
                                                   const DatabaseRestoreJob& job);

/// The same with a dump in a file: of Immich's own, of pg_dump or of pg_dumpall (see DumpFile).
/// Nobody vouches for it but its own last line. job.at and job.dump do not matter.
Result<DatabaseRestoreReport> run_restore_database(const std::string& dump_file,
                                                   const DatabaseRestoreJob& job,
                                                   Progress& progress, const std::stop_token& stop);

}  // namespace ib
