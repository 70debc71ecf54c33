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

/// What limits transfers; absent where nobody says anything.
Result<std::optional<BandwidthTimetable>> bandwidth_timetable(const Settings& settings);

/// The time zone to use, null for the system's. TZ alone, which containers often set, counts only
/// where the time of the day matters: `needed`.
const Setting* time_zone(const Settings& settings, bool needed);

/// What all transfers keep to; null where there is no limit. Sets the process's time zone: to be
/// called before there are threads.
Result<std::shared_ptr<Bandwidth>> limited_bandwidth(const Settings& settings);

}  // namespace ib
