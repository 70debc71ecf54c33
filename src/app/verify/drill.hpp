// SPDX-License-Identifier: Apache-2.0
//
// The drill: proof by restoring.
#pragma once

#include "app/session.hpp"
#include "app/verify/drill_job.hpp"
#include "report/drill.hpp"

namespace ib {

/// What a drill may spend where nobody says it, in dollars.
inline constexpr double kDrillBudget = 0.25;

/// Restores a restore point's dump into a scratch database, counts its rows, and looks for each
/// original that it names where a restore of the point puts it; restores a rotating part of the
/// files into a scratch folder, each compared with its SHA-256 and with Immich's SHA-1, and gone
/// again at once. Writes proofs/<time>.json. What could not be proven is a problem, and the verdict
/// not_proven then, unless there is damage. invalid where the server holds an Immich.
Result<DrillReport> run_drill(const Session& session, const DrillJob& job);

}  // namespace ib
