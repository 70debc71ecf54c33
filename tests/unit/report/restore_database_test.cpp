// SPDX-License-Identifier: Apache-2.0
#include "report/restore_database.hpp"

#include "support/builders.hpp"
#include "support/parsed_json.hpp"

#include <gtest/gtest.h>
#include <chrono>

namespace ib::test {
namespace {

using namespace std::chrono_literals;

TEST(DatabaseRestoreText, TellsWhichDumpWentWhere)
{
  const DatabaseRestoreReport report{
      .header = {.elapsed = 12s},
      .dump = {.object = {"database/2026-01-15T03-00-00-immich-v2.3.1.sql.gz"},
               .bytes = 812ULL << 20U,
               .immich_version = "v2.3.1",
               .assets = 201'344},
      .restore_point = time_of("2026-01-15T03:00:00Z"),
      .database = "immich on db:5432 as postgres",
      .assets = 201'344};
  EXPECT_EQ(to_text(report),
            "dump           database/2026-01-15T03-00-00-immich-v2.3.1.sql.gz (812 MiB, Immich "
            "v2.3.1, 201,344 assets)\n"
            "database       immich on db:5432 as postgres: 201,344 assets\n"
            "restore point  2026-01-15T03:00:00Z: restored, 12 s\n");
}

TEST(DatabaseRestoreJson, CountsAssets)
{
  EXPECT_EQ(parsed(to_json(DatabaseRestoreReport{.assets = 4}))["assets"], 4);
}

TEST(DatabaseRestoreJson, HasHowMuchIsMoreThanImmichsAndWhoHoldsIt)
{
  DatabaseRestoreReport report;
  EXPECT_TRUE(parsed(to_json(report))["more_than_immichs"].is_null());
  EXPECT_TRUE(parsed(to_json(report))["held_by"].is_null());
  report.more_than_immichs = 2;
  report.held_by = "role";
  EXPECT_EQ(parsed(to_json(report))["more_than_immichs"], 2);
  EXPECT_EQ(parsed(to_json(report))["held_by"], "role");
}

}  // namespace
}  // namespace ib::test
