// SPDX-License-Identifier: Apache-2.0
#include "core/planning/retention.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

RetentionCandidate point(std::string_view time, bool counts = true, bool complete = true)
{
  return {.time = must(parse_timestamp(time)), .counts = counts, .complete = complete};
}

/// The times that are kept, with their reasons: "2026-01-15 last".
std::vector<std::string> kept(const std::vector<RetentionCandidate>& points,
                              const RetentionRules& rules)
{
  std::vector<std::string> kept;
  const std::vector<std::string> reasons = reasons_to_keep(points, rules);
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!reasons[i].empty())
      kept.push_back(format_iso(points[i].time).substr(0, 10) + " " + reasons[i]);
  }
  return kept;
}

std::vector<RetentionCandidate> nights(std::string_view first, int days)
{
  std::vector<RetentionCandidate> points;
  for (int i = 0; i < days; ++i) {
    points.push_back(point(first));
    points.back().time += std::chrono::days(i);
  }
  return points;
}

TEST(Retention, KeepsTheLast)
{
  EXPECT_THAT(kept(nights("2026-01-01T03:00:00Z", 5), {.last = 2}),
              ElementsAre("2026-01-04 last", "2026-01-05 last"));
  EXPECT_EQ(kept(nights("2026-01-01T03:00:00Z", 5), {.last = 9}).size(), 5U);
}

TEST(Retention, KeepsTheNewestOfEachDayWeekMonthAndYear)
{
  const std::vector<RetentionCandidate> days{
      point("2026-01-14T03:00:00Z"), point("2026-01-14T23:59:59Z"), point("2026-01-15T00:00:00Z"),
      point("2026-01-15T15:00:00Z")};
  EXPECT_EQ(reasons_to_keep(days, {.daily = 5}),
            (std::vector<std::string>{"", "daily", "", "daily"}));
  // 2026-01-05 and 2026-01-12 are Mondays.
  EXPECT_THAT(kept(nights("2026-01-02T03:00:00Z", 12), {.weekly = 9}),
              ElementsAre("2026-01-04 weekly", "2026-01-11 weekly", "2026-01-13 weekly"));
  EXPECT_THAT(kept(nights("2025-11-29T03:00:00Z", 40), {.monthly = 3}),
              ElementsAre("2025-11-30 monthly", "2025-12-31 monthly", "2026-01-07 monthly"));
  EXPECT_THAT(kept(nights("2024-12-30T03:00:00Z", 400), {.yearly = 2}),
              ElementsAre("2025-12-31 yearly", "2026-02-02 yearly"));
}

TEST(Retention, SaysAllTheReasons)
{
  EXPECT_THAT(kept(nights("2026-01-01T03:00:00Z", 2), {.last = 1, .daily = 2, .monthly = 1}),
              ElementsAre("2026-01-01 daily", "2026-01-02 last, daily, monthly"));
}

TEST(Retention, CountsNoSuspectDump)
{
  auto points = nights("2026-01-01T03:00:00Z", 6);
  points[3].counts = points[4].counts = points[5].counts = false;
  EXPECT_THAT(kept(points, {.last = 2}),
              ElementsAre("2026-01-02 last", "2026-01-03 last", "2026-01-04 recent",
                          "2026-01-05 recent", "2026-01-06 recent"));
  points[0].counts = false;
  EXPECT_THAT(kept(points, {.daily = 1}), ElementsAre("2026-01-03 daily", "2026-01-04 recent",
                                                      "2026-01-05 recent", "2026-01-06 recent"))
      << "the oldest takes nobody's place, and is not kept for it";
}

TEST(Retention, NeverGivesUpTheLastGoodOneNorTheNewestCompleteOne)
{
  auto points = nights("2026-01-01T03:00:00Z", 400);
  for (std::size_t i = 1; i < points.size(); ++i) points[i].counts = points[i].complete = false;
  EXPECT_EQ(kept(points, {.daily = 1}).front(), "2026-01-01 daily");
  for (std::size_t i = 1; i < points.size(); ++i) points[i].counts = true;
  EXPECT_THAT(kept(points, {.last = 1}),
              ElementsAre("2026-01-01 newest complete", "2027-02-04 last"));
}

TEST(Retention, KeepsEverythingWhereThereIsNoGoodDump)
{
  auto points = nights("2026-01-01T03:00:00Z", 4);
  for (RetentionCandidate& each : points) each.counts = false;
  EXPECT_THAT(reasons_to_keep(points, {.last = 1}), Each(Not(IsEmpty())));
  EXPECT_THAT(reasons_to_keep({}, {.last = 1}), IsEmpty());
}

}  // namespace
}  // namespace ib::test
