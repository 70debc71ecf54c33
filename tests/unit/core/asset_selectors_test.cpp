// SPDX-License-Identifier: Apache-2.0
#include "core/selection/asset_selectors.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

std::string shown(const TakenRange& range)
{
  const bool open_start = range.from == Timestamp::min();
  const bool open_end = range.until == Timestamp::max();
  return (open_start ? "" : format_iso(range.from).substr(0, 10)) + " until " +
         (open_end ? "" : format_iso(range.until).substr(0, 10));
}

TEST(TakenRange, TakesYearsMonthsDaysAndRangesWhoseEndsCount)
{
  const struct {
    const char* text;
    const char* shown;
  } rows[] = {{"2021", "2021-01-01 until 2022-01-01"},
              {"2021-07", "2021-07-01 until 2021-08-01"},
              {"2021-12", "2021-12-01 until 2022-01-01"},
              {"2020-02-29", "2020-02-29 until 2020-03-01"},
              {"2021-07..2021-09", "2021-07-01 until 2021-10-01"},
              {"2021-12-24..", "2021-12-24 until "},
              {"..2019", " until 2020-01-01"},
              {"2021..2021", "2021-01-01 until 2022-01-01"},
              {"2021-07..2021-07-04", "2021-07-01 until 2021-07-05"}};
  for (const auto& row : rows) EXPECT_EQ(shown(must(parse_taken(row.text))), row.shown) << row.text;
}

TEST(TakenRange, RefusesWhatIsNoDateAndARangeThatIsReversed)
{
  for (const char* text :
       {"", "..", "21", "2021-7", "2021-13", "2021-02-29", "yesterday", "2021-07-04T10:00:00Z",
        "2021...2022", "2021-07-0a", "-021", "2021..x"}) {
    EXPECT_TRUE(fails_with(Errc::invalid, parse_taken(text))) << text;
  }
  const Result<TakenRange> reversed = parse_taken("2021-09..2021-07");
  ASSERT_TRUE(fails_with(Errc::invalid, reversed));
  EXPECT_EQ(reversed.error().hint, "The earlier date comes first: 2021-07..2021-09");
}

TEST(TakenRange, ContainsItsFirstSecondAndNotTheOneAfterItsLast)
{
  const TakenRange july = must(parse_taken("2021-07"));
  EXPECT_TRUE(july.contains(must(parse_timestamp("2021-07-01T00:00:00Z"))));
  EXPECT_TRUE(july.contains(must(parse_timestamp("2021-07-31T23:59:59Z"))));
  EXPECT_FALSE(july.contains(must(parse_timestamp("2021-08-01T00:00:00Z"))));
  EXPECT_FALSE(july.contains(must(parse_timestamp("2021-06-30T23:59:59Z"))));
}

}  // namespace
}  // namespace ib::test
