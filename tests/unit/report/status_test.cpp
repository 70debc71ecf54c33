// SPDX-License-Identifier: Apache-2.0
#include "report/status.hpp"

#include "support/builders.hpp"
#include "support/matchers.hpp"
#include "support/parsed_json.hpp"

#include <gtest/gtest.h>
#include <chrono>

namespace ib::test {
namespace {

using namespace std::chrono_literals;

TEST(StatusText, AnswersHowTheBackupIs)
{
  StatusReport report{.header = {.store = "file:///backup"},
                      .now = time_of("2026-01-15T12:12:00Z")};
  report.newest = restore_point("2026-01-15T03:00:00Z", false);
  report.newest_complete = restore_point("2026-01-14T03:00:00Z", true);
  report.restores = report.newest;
  report.doubts = {"it has 2 assets,\nthe one of 2026-01-14T03:00:00Z has 200"};
  report.restore_points = 14;
  report.manifests = {.objects = 3, .bytes = 104'857'600};
  report.last_verified = time_of("2026-01-12T12:12:00Z");
  report.last_verified_ok = true;
  report.unfinished_runs = {"x"};
  EXPECT_EQ(to_text(report),
            "store          file:///backup\n"
            "restore point  2026-01-15T03:00:00Z, 9 h 12 min ago: incomplete, 3 problems\n"
            "library        214,031 files (1.0 TiB), and 12 gone from it but kept (3.0 GiB)\n"
            "database       database/d.sql.gz (812 MiB, Immich v2.3.1, 2 assets)\n"
            "verified       2026-01-12T12:12:00Z, 3 days 0 h ago: no damage found\n"
            "               not every file of the library has been read back yet\n"
            "drill          none yet: `immich-backup verify-restore` tries a restore\n"
            "restore from   2026-01-15T03:00:00Z, incomplete; the newest complete one is of "
            "2026-01-14T03:00:00Z\n"
            "               a restore asks first: it has 2 assets,\\nthe one of "
            "2026-01-14T03:00:00Z has 200\n"
            "kept           14 restore points, in 3 manifests of 100 MiB\n"
            "unfinished     1 run: still going on, or interrupted; the next backup finds what was "
            "stored\n");
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
  report.newest->problems = {{.path = "", .code = "x", .message = "a is away", .hint = "Look."}};
  EXPECT_THAT(to_text(report),
              testing::EndsWith("\nThe newest run had 1 problem:\n  a is away\n    Look.\n"));
  EXPECT_EQ(parsed(to_json(report))["newest_problems"][0]["message"], "a is away");
  report.newest->problems.clear();
  report.last_drill = time_of("2026-01-13T12:12:00Z");
  EXPECT_THAT(to_text(report),
              HasSubstr("\ndrill          2026-01-13T12:12:00Z, 2 days 0 h ago: it "
                        "did not prove that a restore works; none has yet. "));
  report.drill_proven = time_of("2026-01-06T12:12:00Z");
  EXPECT_THAT(to_text(report), HasSubstr("the last one that did is of 2026-01-06T12:12:00Z. "));
  report.drill_proven = report.last_drill;
  EXPECT_THAT(to_text(report), HasSubstr("\ndrill          2026-01-13T12:12:00Z, 2 days 0 h ago: "
                                         "a restore was tried, and worked\n"));
  EXPECT_EQ(parsed(to_json(report))["last_drill"], "2026-01-13T12:12:00Z");
  EXPECT_EQ(parsed(to_json(report))["drill_proven"], "2026-01-13T12:12:00Z");
  report.newest = report.newest_complete;
  report.restores = report.newest_complete;
  report.doubts.clear();
  EXPECT_THAT(to_text(report), HasSubstr("\nrestore from   2026-01-14T03:00:00Z\nkept "));
  EXPECT_EQ(outcome_of(report), Outcome::ok);
  report.last_verified_ok = false;
  EXPECT_EQ(outcome_of(report), Outcome::damaged);
}

TEST(StatusText, SaysWhereNoRestorePointIsComplete)
{
  StatusReport report{.now = time_of("2026-01-15T12:12:00Z")};
  report.newest = report.restores = restore_point("2026-01-15T03:00:00Z", false);
  EXPECT_THAT(to_text(report), HasSubstr("restore from   2026-01-15T03:00:00Z, incomplete; no "
                                         "restore point is complete\n"));
}

TEST(StatusText, SaysWhatACompleteRestorePointWasAskedToSave)
{
  StatusReport report{.now = time_of("2026-01-15T12:12:00Z")};
  report.newest = restore_point("2026-01-15T03:00:00Z", true);
  report.newest->covers.files = false;
  EXPECT_THAT(to_text(report), HasSubstr("9 h 12 min ago: complete, of the database alone\n"));
  report.newest->covers = {.files = true};
  EXPECT_THAT(to_text(report), HasSubstr("9 h 12 min ago: complete, of the files alone\n"));
}

TEST(StatusText, SaysThatThereIsNoRestorePoint)
{
  const StatusReport report{.header = {.store = "file:///backup"}};
  EXPECT_EQ(to_text(report),
            "store          file:///backup\n"
            "restore point  none yet: `immich-backup backup` makes the first\n"
            "verified       never: `immich-backup verify` does it\n"
            "kept           0 restore points\n");
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
}

TEST(StatusOfStores, ShowsThemInOneTable)
{
  StatusOfStores report{.header = {.command = "status"}};
  StatusReport disk{.header = {.store = "file:///mnt/usb"}, .now = time_of("2026-01-15T12:00:00Z")};
  disk.newest = restore_point("2026-01-15T03:00:00Z", true);
  disk.last_verified = time_of("2026-01-15T11:00:00Z");
  disk.last_verified_ok = true;
  disk.restore_points = 14;
  report.stores = {disk};
  EXPECT_EQ(outcome_of(report), Outcome::ok);
  StatusReport bucket{.header = {.store = "gs://photos/home"}};
  bucket.header.problems.push_back({.code = "unavailable", .message = "nobody answers"});
  report.stores.push_back(bucket);
  EXPECT_EQ(
      to_text(report),
      "store             newest                   verified                  kept\n"
      "file:///mnt/usb   9 h 0 min ago, complete  1 h 0 min ago, no damage  14 restore points\n"
      "gs://photos/home  not known\n\n1 problem:\n  nobody answers\n");
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
  report.stores[0].last_verified_ok = false;
  EXPECT_EQ(outcome_of(report), Outcome::damaged);
  const json out = parsed(to_json(report));
  EXPECT_EQ(out["stores"][0]["newest"]["time"], "2026-01-15T03:00:00Z");
  EXPECT_EQ(out["stores"][1]["problems"][0]["code"], "unavailable");
}

TEST(StatusJson, TellsTheAgeOfTheNewestRestorePoint)
{
  StatusReport report{.now = time_of("2026-01-15T04:00:00Z")};
  json out = parsed(to_json(report));
  EXPECT_TRUE(out["newest"].is_null());
  EXPECT_TRUE(out["age_s"].is_null());
  EXPECT_TRUE(out["last_verified"].is_null());
  report.newest = report.newest_complete = restore_point("2026-01-15T03:00:00Z", true);
  report.unfinished_runs = {"run"};
  out = parsed(to_json(report));
  EXPECT_EQ(out["age_s"], 3600);
  EXPECT_EQ(out["newest"]["time"], "2026-01-15T03:00:00Z");
  EXPECT_EQ(out["newest"]["verdict"], "complete");
  EXPECT_EQ(out["newest"]["covers"], json({{"files", true}, {"database", true}, {"part", false}}));
  EXPECT_TRUE(out["restores"].is_null());
  EXPECT_EQ(out["doubts"], json::array());
  report.restores = report.newest;
  report.doubts = {"a newer one has a suspect dump"};
  out = parsed(to_json(report));
  EXPECT_EQ(out["restores"], "2026-01-15T03:00:00Z");
  EXPECT_EQ(out["doubts"], json::array({"a newer one has a suspect dump"}));
  EXPECT_EQ(out["unfinished_runs"], json::array({"run"}));
  report.now = time_of("2026-01-15T02:59:58Z");  // names may run ahead of the clock
  EXPECT_EQ(parsed(to_json(report))["age_s"], 0);
}

}  // namespace
}  // namespace ib::test
