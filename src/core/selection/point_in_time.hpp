// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <optional>
#include <string_view>

namespace ib {

/// What --at takes: "latest" (absent), a restore point or a time ("2026-01-15T03:00:00Z"), also to
/// the minute and with an offset from UTC ("2026-01-15 05:00+02:00"), a date (all of that day or
/// minute counts) or an age ("36h", "30d", "8w"). invalid for anything else, and for days
/// after `now`; `option` is what the message begins with.
Result<std::optional<Timestamp>> parse_point_in_time(std::string_view text, Timestamp now,
                                                     std::string_view option = "--at");

}  // namespace ib
