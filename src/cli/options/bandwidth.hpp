// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "net/bandwidth.hpp"
#include "net/bandwidth_timetable.hpp"

#include <memory>
#include <optional>

namespace ib {

Options bandwidth_options();

/// The value of --bwlimit. Absent if it is not set.
Result<std::optional<BandwidthTimetable>> bandwidth_timetable(const Settings& settings);

/// The time zone to use, or null for the system's. TZ in the environment counts only if `needed`,
/// that is if the time of day matters, because containers often set it without need.
const Setting* time_zone(const Settings& settings, bool needed);

/// The limit for all transfers, or null for none. Sets the time zone of the process, so call it
/// before any thread starts.
Result<std::shared_ptr<Bandwidth>> limited_bandwidth(const Settings& settings);

}  // namespace ib
