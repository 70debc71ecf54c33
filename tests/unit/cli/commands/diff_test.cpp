// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/diff.hpp"

#include "support/matchers.hpp"
#include "support/settings.hpp"

namespace ib::test {
namespace {

TEST(DiffJob, TakesOneOrTwoTimes)
{
  const Timestamp now = *parse_timestamp("2026-02-01T00:00:00Z");
  EXPECT_EQ(diff_job({"7d"}, now)->from, now - std::chrono::days(7));
  EXPECT_EQ(diff_job({"7d"}, now)->to, std::nullopt);
  EXPECT_EQ(diff_job({"latest", "2026-01-15T03:00:00Z"}, now)->to,
            *parse_timestamp("2026-01-15T03:00:00Z"));
  EXPECT_FALSE(diff_job({}, now));
  EXPECT_FALSE(diff_job({"1d", "2d", "3d"}, now));
  EXPECT_THAT(diff_job({"soon"}, now).error().message,
              HasSubstr("diff: not a point in time: 'soon'"));
}

}  // namespace
}  // namespace ib::test
