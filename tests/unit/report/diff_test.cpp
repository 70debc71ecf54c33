// SPDX-License-Identifier: Apache-2.0
#include "report/diff.hpp"

#include "report/listing.hpp"
#include "support/builders.hpp"

#include <nlohmann/json.hpp>

namespace ib::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

TEST(DiffText, SaysWhatHappenedToEachAndSumsItUp)
{
  const FileVersion version{content_of("x").sha256, 2048};
  EXPECT_EQ(difference_line({.kind = DifferenceKind::added, .path = "/a", .after = version}),
            "added     2.0 KiB  /a\n");
  EXPECT_EQ(difference_line({.kind = DifferenceKind::moved,
                             .path = "/new",
                             .moved_from = "/old\n",
                             .before = version,
                             .after = version}),
            "moved     2.0 KiB  /new  from /old\\n\n");
  DiffReport report{.from = at(1'768'446'000), .to = at(1'768'532'400)};
  EXPECT_EQ(diff_summary(report), "2026-01-15T03:00:00Z to 2026-01-16T03:00:00Z: no difference\n");
  report.totals[DifferenceKind::added] = {.files = 1200, .bytes = 2048};
  report.totals[DifferenceKind::gone] = {.files = 1, .bytes = 7};
  EXPECT_EQ(diff_summary(report),
            "2026-01-15T03:00:00Z to 2026-01-16T03:00:00Z: 1,200 added (2.0 KiB), 1 gone (7 B)\n");
}

TEST(DiffJson, HasBothSidesAndTotals)
{
  const FileVersion old{content_of("x").sha256, 1};
  const FileVersion now{content_of("yy").sha256, 2};
  DiffReport report{.from = at(1'768'446'000), .to = at(1'768'532'400)};
  report.header.elapsed = 2s;
  report.totals[DifferenceKind::changed] = {.files = 1, .bytes = 2};
  const json out = json::parse(
      listing_json_begin("diff", "file:///b", "differences") +
      difference_json(
          {.kind = DifferenceKind::changed, .path = "/a", .before = old, .after = now}) +
      "," +
      difference_json({.kind = DifferenceKind::moved,
                       .path = "/b",
                       .moved_from = "/\xff",
                       .before = now,
                       .after = now}) +
      "," + difference_json({.kind = DifferenceKind::gone, .path = "/c", .before = old}) +
      listing_json_end(report));
  EXPECT_EQ(out["from"], "2026-01-15T03:00:00Z");
  EXPECT_EQ(out["result"], "ok");
  EXPECT_EQ(out["elapsed_s"], 2.0);
  EXPECT_EQ(out["totals"]["changed"], (json{{"files", 1}, {"bytes", 2}}));
  EXPECT_EQ(out["totals"]["moved"], (json{{"files", 0}, {"bytes", 0}}));
  EXPECT_EQ(out["differences"][0]["before"]["size"], 1);
  EXPECT_EQ(out["differences"][0]["after"]["sha256"], now.sha256.hex());
  EXPECT_EQ(out["differences"][1]["from_hex"], "2fff");
  EXPECT_EQ(out["differences"][2]["after"], nullptr);
}

}  // namespace
}  // namespace ib::test
