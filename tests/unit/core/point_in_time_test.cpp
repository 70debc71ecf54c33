// SPDX-License-Identifier: Apache-2.0
#include "core/selection/point_in_time.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

TEST(PointInTime, TakesLatestTimesDatesAndAges)
{
  const Timestamp now = must(parse_timestamp("2026-01-15T12:00:00Z"));
  EXPECT_EQ(must(parse_point_in_time("", now)), std::nullopt);
  EXPECT_EQ(must(parse_point_in_time("latest", now)), std::nullopt);
  const std::pair<const char*, const char*> table[] = {
      {"2026-01-15T03:00:00Z", "2026-01-15T03:00:00Z"},
      {"20260115T030000Z", "2026-01-15T03:00:00Z"},
      {"2026-01-14", "2026-01-14T23:59:59Z"},
      {"2026-01-15 03:00", "2026-01-15T03:00:59Z"},
      {"2026-01-15T03:00Z", "2026-01-15T03:00:59Z"},
      {"2026-01-15T05:00+02:00", "2026-01-15T03:00:59Z"},
      {"2026-01-15T05:00:30+0200", "2026-01-15T03:00:30Z"},
      {"2026-01-14 22:15:00-05", "2026-01-15T03:15:00Z"},
      {"2026-01-15 00:30+13:45", "2026-01-14T10:45:59Z"},
      {"2026-01-15T03-00-00", "2026-01-15T03:00:00Z"},
      {"36h", "2026-01-14T00:00:00Z"},
      {"30d", "2025-12-16T12:00:00Z"},
      {"2w", "2026-01-01T12:00:00Z"},
      {"0h", "2026-01-15T12:00:00Z"},
  };
  for (const auto& [text, iso] : table) {
    const std::optional<Timestamp> time = must(parse_point_in_time(text, now));
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(format_iso(*time), iso) << text;
  }
}

TEST(PointInTime, RefusesWhatIsNone)
{
  const Timestamp now = must(parse_timestamp("2026-01-15T12:00:00Z"));
  for (const char* bad : {"yesterday",
                          "30",
                          "d",
                          "-3d",
                          "+3d",
                          "30 d",
                          "30dd",
                          "3m",
                          "1e3d",
                          "9999999999999999999999d",
                          "1000000d",
                          "2026-02-30",
                          "2026-01-15T03",
                          "2026-01-15 03:00+",
                          "2026-01-15 03:00+2",
                          "2026-01-15 03:00+02:",
                          "2026-01-15 03:00+15",
                          "2026-01-15 03:00+02:60",
                          "2026-01-15 03:00+02:00Z",
                          "2026-01-15+02:00",
                          " latest",
                          "Latest"}) {
    EXPECT_TRUE(fails_with(Errc::invalid, parse_point_in_time(bad, now))) << bad;
  }
}

TEST(PointInTime, IsNotTomorrow)
{
  const Timestamp now = must(parse_timestamp("2026-01-15T12:00:00Z"));
  EXPECT_TRUE(ok(parse_point_in_time("2026-01-15", now))) << "today counts as a whole";
  for (const char* future : {"2026-01-17", "2062-01-15T03:00:00Z"}) {
    EXPECT_TRUE(fails_with(Errc::invalid, parse_point_in_time(future, now))) << future;
  }
}

}  // namespace
}  // namespace ib::test
