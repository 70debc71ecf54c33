// SPDX-License-Identifier: Apache-2.0
//
// The drill: proof by restoring.
#pragma once

#include "app/backup/backup.hpp"
#include "app/session.hpp"
#include "postgres/database_settings.hpp"
#include "report/drill.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ib {

struct DrillJob {
  /// A server to restore on, in a database of the drill's own, which is dropped afterwards; absent:
  /// one is started where its programs are installed.
  std::optional<DatabaseSettings> server;
  std::string client_folder;    ///< where PostgreSQL's programs lie; empty: they are looked for
  std::optional<Timestamp> at;  ///< absent: the newest complete restore point
  std::optional<std::uint64_t> sample;  ///< so many files; absent: what is due, within the budget
  unsigned months = 12;                 ///< within which each file is to be read back once
};

/// What a drill may spend where nobody says it, in dollars.
inline constexpr double kDrillBudget = 0.25;

/// Restores a restore point's dump into a scratch database, counts its rows, and looks for each
/// original that it names in the manifest; restores a rotating part of the files into a scratch
/// folder, each compared with its SHA-256 and with Immich's SHA-1, and gone again at once. Writes
/// proofs/<time>.json. Where there is no server, the dump is read to its end alone, and the report
/// says so. invalid where the server holds an Immich.
Result<DrillReport> run_drill(const Session& session, const DrillJob& job);

}  // namespace ib
