// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <string>

namespace ib {

/// Makes `zone` this process's time zone: a name that the system's tzdata knows (Europe/Berlin),
/// the path of such a file, or a rule as POSIX writes it (CET-1CEST,M3.5.0,M10.5.0/3). invalid for
/// what the C library would silently take for UTC. It changes the environment: call it before there
/// is a second thread.
Result<> use_time_zone(const std::string& zone);

/// How long ago, by the clock on the wall in this process's time zone, its midnight was. From any
/// thread.
std::chrono::minutes local_time_of_day(std::chrono::sys_seconds time);

}  // namespace ib
