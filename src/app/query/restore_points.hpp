// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "report/restore_points.hpp"

namespace ib {

/// All restore points.
Result<RestorePointsReport> run_restore_points(const Session& session);

}  // namespace ib
