// SPDX-License-Identifier: Apache-2.0
#include "report/restore_points.hpp"

#include "support/builders.hpp"
#include "support/parsed_json.hpp"

#include <gtest/gtest.h>
#include <chrono>

namespace ib::test {
namespace {

TEST(RestorePointsText, AlignsItsColumns)
{
  RestorePointsReport report;
  report.restore_points = {restore_point("2026-01-14T03:00:00Z", true),
                           restore_point("2026-01-15T03:00:00Z", false)};
  report.restore_points[1].counts = {.files = 1, .bytes = 5};
  report.restore_points[1].database.reset();
  EXPECT_EQ(
      to_text(report),
      "2026-01-14T03:00:00Z  complete      214,031 files   1.0 TiB  dump  812 MiB  Immich v2.3.1\n"
      "2026-01-15T03:00:00Z  incomplete          1 file        5 B  no dump\n");
  EXPECT_EQ(to_text(RestorePointsReport{}), "no restore points\n");
}

TEST(RestorePointsText, SaysWhatIsWrongWithADump)
{
  RestorePointsReport report;
  report.restore_points.assign(3, restore_point("2026-01-14T03:00:00Z", true));
  report.restore_points[0].database->suspect = true;
  report.restore_points[1].database->left_out = {"public.face_search"};
  report.restore_points[2].time = time_of("2026-01-15T03:00:00Z");
  report.without_their_dump = {time_of("2026-01-15T03:00:00Z")};
  const std::string files = "    214,031 files   1.0 TiB  dump ";
  EXPECT_EQ(to_text(report),
            "2026-01-14T03:00:00Z  incomplete" + files + " 812 MiB  Immich v2.3.1, suspect\n" +
                "2026-01-14T03:00:00Z  incomplete" + files +
                " 812 MiB  Immich v2.3.1, without all of its data\n" +
                "2026-01-15T03:00:00Z  complete  " + files + "removed (too old to be kept)\n");
}

TEST(RestorePointsJson, ListsRestorePoints)
{
  const json out = parsed(to_json(RestorePointsReport{
      .restore_points = {RestorePoint{}, restore_point("2026-01-14T03:00:00Z", true)}}));
  ASSERT_EQ(out["restore_points"].size(), 2U);
  EXPECT_EQ(out["restore_points"][0]["verdict"], "incomplete");
  EXPECT_FALSE(out["restore_points"][0].contains("dump_present"));
  EXPECT_EQ(out["restore_points"][1]["verdict"], "complete");
  EXPECT_EQ(out["restore_points"][1]["dump_present"], true);
}

}  // namespace
}  // namespace ib::test
