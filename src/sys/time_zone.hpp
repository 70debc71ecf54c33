// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <string>

namespace ib {

/// Makes `zone` this process's time zone. It is a name in the system's tzdata (Europe/Berlin), the
/// path of such a file, or a POSIX rule (CET-1CEST,M3.5.0,M10.5.0/3). invalid if the C library
/// would silently take it for UTC. Changes the environment, so call it before there is a second
/// thread.
Result<> use_time_zone(const std::string& zone);

/// The time of day in this process's time zone: minutes since local midnight. Any thread may call
/// it.
std::chrono::minutes local_time_of_day(std::chrono::sys_seconds time);

/// How far this process's time zone is ahead of UTC at that time. Any thread may call it.
std::chrono::minutes utc_offset(std::chrono::sys_seconds time);

}  // namespace ib
