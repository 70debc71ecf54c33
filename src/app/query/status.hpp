// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "age/keys.hpp"
#include "app/session.hpp"
#include "report/status.hpp"

#include <cstdint>
#include <vector>

namespace ib {

/// How the backup is: its newest restore point, its newest complete one, the one that a restore
/// takes, and when it was last verified.
Result<StatusReport> run_status(const Session& session);

/// How many of the encrypted objects of `point` one of these identities opens, by the recipients
/// that are recorded of them.
std::uint64_t objects_opened_by(const std::vector<AgeIdentity>& identities,
                                const RestorePoint& point);

}  // namespace ib
