// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <optional>
#include <string_view>

namespace ib {

/// Parses the value of --at: "latest" (absent), a restore point or a time ("2026-01-15T03:00:00Z"),
/// a date (which includes all of that day) or an age ("36h", "30d", "8w"). invalid for anything
/// else, and for days after `now`. The message begins with `option`.
Result<std::optional<Timestamp>> parse_point_in_time(std::string_view text, Timestamp now,
                                                     std::string_view option = "--at");

}  // namespace ib
