// SPDX-License-Identifier: Apache-2.0
#include "cli/options/bandwidth.hpp"

#include "support/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <chrono>

namespace ib::test {
namespace {

TEST(BandwidthSettings, ComeFromEverywhere)
{
  const auto noon = std::chrono::hours(12);
  const auto rate = [&](const Settings& s) {
    return bandwidth_timetable(s).value().value().rate_at(noon);
  };
  constexpr std::uint64_t kTwo = 2 * 1024 * 1024;
  EXPECT_FALSE(bandwidth_timetable(settings({"backup"})).value().has_value());
  EXPECT_EQ(rate(settings({"backup", "--bwlimit", "2M"})), kTwo);
  EXPECT_EQ(rate(settings({"restore"}, {{"IMMICH_BACKUP_BWLIMIT", "08:00,2M 23:00,off"}})), kTwo);
  EXPECT_EQ(rate(settings({"verify"}, {}, "bwlimit = \"2M\"")), kTwo);
  const auto bad = bandwidth_timetable(settings({"backup"}, {{"IMMICH_BACKUP_BWLIMIT", "2X"}}));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "IMMICH_BACKUP_BWLIMIT in the environment: '2X' is not a rate");
}

TEST(TimeZoneSettings, TakeTzOnlyWhereTheTimeOfTheDayMatters)
{
  const auto zone = [](const Settings& s, bool needed) {
    const Setting* setting = time_zone(s, needed);
    return setting == nullptr ? "" : setting->values.front();
  };
  const Settings tz = settings({"backup"}, {{"TZ", "Europe/Berlin"}});
  EXPECT_EQ(zone(tz, true), "Europe/Berlin");
  EXPECT_EQ(zone(tz, false), "");
  const Settings own =
      settings({"backup"}, {{"TZ", "Europe/Berlin"}, {"IMMICH_BACKUP_TIMEZONE", "Asia/Tokyo"}});
  EXPECT_EQ(zone(own, true), "Asia/Tokyo");
  EXPECT_EQ(zone(own, false), "Asia/Tokyo");
  EXPECT_EQ(zone(settings({"backup", "--timezone", "UTC"}), false), "UTC");
  EXPECT_EQ(zone(settings({"backup"}), true), "");
}

}  // namespace
}  // namespace ib::test
