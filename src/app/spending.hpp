// SPDX-License-Identifier: Apache-2.0
//
// What a run may spend, and who is asked when it is much.
#pragma once

#include "app/session.hpp"
#include "base/result.hpp"
#include "core/pricing/cost.hpp"

#include <optional>
#include <string>

namespace ib {

/// Where the store lies, for its prices: what --location says, or else the bucket itself, with one
/// request. Absent where it charges nothing, or does not tell.
std::optional<std::string> find_location(const Session& session);
/// The prices there; all zero where it charges nothing.
Prices prices_at(const Session& session, const std::optional<std::string>& location);

/// Says what is about to be spent, and gets leave where it is much: invalid where that is refused,
/// or more than --budget allows. `what` begins a sentence: "reading 214,031 objects back".
Result<> approve_spending(const Session& session, double dollars, const std::string& what);

}  // namespace ib
