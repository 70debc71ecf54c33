// SPDX-License-Identifier: Apache-2.0
#include "report/restore_points.hpp"

#include "support/parsed_json.hpp"

#include <gtest/gtest.h>
#include <chrono>

namespace ib::test {
namespace {

Timestamp at(const char* text)
{
  return *parse_timestamp(text);
}

RestorePoint point(const char* time, bool complete)
{
  return {.time = at(time),
          .complete = complete,
          .counts = {.files = 214'031,
                     .bytes = 1ULL << 40U,
                     .archived = 12,
                     .archived_bytes = 3ULL << 30U},
          .database = DumpInfo{.object = {"database/d.sql.gz"},
                               .bytes = 812ULL << 20U,
                               .immich_version = "v2.3.1",
                               .assets = 2},
          .problem_count = complete ? 0U : 3U};
}

TEST(RestorePointsText, AlignsItsColumns)
{
  RestorePointsReport report;
  report.restore_points = {point("2026-01-14T03:00:00Z", true),
                           point("2026-01-15T03:00:00Z", false)};
  report.restore_points[1].counts = {.files = 1, .bytes = 5};
  report.restore_points[1].database.reset();
  EXPECT_EQ(
      to_text(report),
      "2026-01-14T03:00:00Z  complete      214,031 files   1.0 TiB  dump  812 MiB  Immich v2.3.1\n"
      "2026-01-15T03:00:00Z  incomplete          1 file        5 B  no dump\n");
  EXPECT_EQ(to_text(RestorePointsReport{}), "no restore points\n");
}

TEST(RestorePointsJson, ListsRestorePoints)
{
  const json out = parsed(to_json(
      RestorePointsReport{.restore_points = {RestorePoint{}, RestorePoint{.complete = true}}}));
  ASSERT_EQ(out["restore_points"].size(), 2U);
  EXPECT_EQ(out["restore_points"][0]["verdict"], "incomplete");
}

}  // namespace
}  // namespace ib::test
