// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "report/cost.hpp"

namespace ib {

/// What the backup costs: what is stored, by kind and class, from the manifest and the store's
/// listing of the rest; what that comes to at the year's end if it grows as it did; and what a full
/// restore costs. Asks for a handful of requests.
Result<CostReport> run_cost(const Session& session);

}  // namespace ib
