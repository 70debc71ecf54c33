// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"

#include <string>

namespace ib {

/// invalid if what is written to `path` would land in a store, this one or another, or around it:
/// what lies in a store is never written over. `what` begins the message: "the target folder".
Result<> require_outside_stores(const Session& session, const std::string& what,
                                const std::string& path);

}  // namespace ib
