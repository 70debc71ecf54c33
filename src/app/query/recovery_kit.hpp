// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "report/recovery_kit.hpp"

namespace ib {

/// What a person needs on paper when everything but the store is gone: where the backup is, what it
/// holds, and what restoring it costs. Of the newest complete restore point, or of the newest;
/// invalid where there is none. Names no secret. `image` is this
/// program's, to be named on the page.
Result<RecoveryKitReport> run_recovery_kit(const Session& session, std::string image);

}  // namespace ib
