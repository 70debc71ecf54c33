// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace ib {

/// An instant in UTC, to the second. Names of runs and restore points hold no more.
using Timestamp = std::chrono::sys_seconds;

/// Whether the formats below can name it: the years 0 to 9999. Times that a stranger wrote as
/// numbers may lie elsewhere.
bool is_nameable(Timestamp time);

/// "2026-01-15T03:00:00Z"
std::string format_iso(Timestamp time);

/// "20260115T030000Z": in the names of manifests.
std::string format_compact(Timestamp time);

/// "2026-01-15T03-00-00": in the names of dumps, because some systems allow no colon in a file
/// name.
std::string format_filename(Timestamp time);

/// Parses any of the three forms above, in UTC. A date alone means its last second: "2026-01-15"
/// includes all of that day.
Result<Timestamp> parse_timestamp(std::string_view text);

/// "4 min 50 s", "3 h 12 min", "850 ms": the two largest units.
std::string format_duration(std::chrono::milliseconds duration);

/// A number of the week, which begins on Monday (UTC). The next week has the next number.
std::int64_t week_of(Timestamp time);

/// In place of nanoseconds since 1970: a time that is not known, or that 64 bits do not hold, which
/// is one before 1677-09-22 or after 2262-04-11.
inline constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

/// A system's time in nanoseconds since 1970, or kNoTime.
std::int64_t to_nanoseconds(std::int64_t seconds, std::int64_t nanoseconds);

/// Nanoseconds since 1970 as "2026-01-15T03:00:00.123456789Z".
std::string format_iso_ns(std::int64_t nanoseconds);

}  // namespace ib
