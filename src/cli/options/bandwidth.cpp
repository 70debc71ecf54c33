// SPDX-License-Identifier: Apache-2.0
#include "cli/options/bandwidth.hpp"

#include "sys/time_zone.hpp"

namespace ib {

Options bandwidth_options()
{
  return {
      {.name = "bwlimit",
       .metavar = "RATE",
       .group = OptionGroup::tuning,
       .help = "the limit of bytes per second, up and down together: 2M (2 MiB), 512k, off; "
               "or by the time of day: \"08:00,2M 23:00,off\""},
      {.name = "timezone",
       .metavar = "ZONE",
       .group = OptionGroup::tuning,
       .environment = {"TZ"},
       .help = "the time zone of --bwlimit, such as Europe/Berlin (default: the system's)"},
  };
}

Result<std::optional<BandwidthTimetable>> bandwidth_timetable(const Settings& settings)
{
  const Setting* setting = settings.find("bwlimit");
  if (setting == nullptr || setting->values.front().empty()) return std::nullopt;
  return TRY(BandwidthTimetable::parse(setting->values.front()).context(setting->name));
}

const Setting* time_zone(const Settings& settings, bool needed)
{
  const Setting* setting = settings.find("timezone");
  if (setting == nullptr || setting->values.front().empty()) return nullptr;
  return needed || setting->name != "TZ in the environment" ? setting : nullptr;
}

Result<std::shared_ptr<Bandwidth>> limited_bandwidth(const Settings& settings)
{
  const std::optional<BandwidthTimetable> timetable = TRY(bandwidth_timetable(settings));
  if (const Setting* zone = time_zone(settings, timetable && timetable->changes()))
    TRY(use_time_zone(zone->values.front()).context(zone->name));
  if (!timetable || timetable->is_off()) return nullptr;
  return std::make_shared<Bandwidth>(*timetable);
}

}  // namespace ib
