// SPDX-License-Identifier: Apache-2.0
//
// What a drill is told to prove.
#pragma once

#include "base/time.hpp"
#include "postgres/database_settings.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ib {

struct DrillJob {
  /// A server to restore on, in a database of the drill's own, which is dropped afterwards. It must
  /// not be Immich's. Absent: one is started where PostgreSQL's programs are installed.
  std::optional<DatabaseSettings> server;
  /// DB_* is set, as for a backup, and not used here: the report says so where no server is named.
  bool is_told_of_immichs_database = false;
  std::string client_folder;    ///< where PostgreSQL's programs lie; empty: they are looked for
  std::optional<Timestamp> at;  ///< absent: the point that a restore takes (choose_point)
  std::optional<std::uint64_t> sample;  ///< so many files; absent: what is due, within the budget
  unsigned months = 12;                 ///< within which each file is to be read back once
};

}  // namespace ib
