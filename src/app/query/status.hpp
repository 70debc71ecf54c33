// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "report/status.hpp"

namespace ib {

/// How the backup is: its newest restore point, its newest complete one, the one that a restore
/// takes, and when it was last verified.
Result<StatusReport> run_status(const Session& session);

}  // namespace ib
