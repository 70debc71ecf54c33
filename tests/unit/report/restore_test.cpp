// SPDX-License-Identifier: Apache-2.0
#include "report/restore.hpp"

#include "support/builders.hpp"
#include "support/parsed_json.hpp"

#include <gtest/gtest.h>
#include <chrono>

namespace ib::test {
namespace {

using namespace std::chrono_literals;

TEST(RestoreText, TellsWhatWasWrittenAndWhatWasThere)
{
  RestoreReport report{
      .header = {.elapsed = 61s}, .restore_point = time_of("2026-01-15"), .target = "/srv/immich"};
  report.restored = 1234;
  report.restored_bytes = 5ULL << 30U;
  report.whole = 12;
  report.kept = 3;
  EXPECT_EQ(
      to_text(report),
      "restored       1,234 files (5.0 GiB) to /srv/immich: each compared with what was recorded\n"
      "there already  12 with the right content, 3 left alone (--overwrite if-different replaces "
      "them)\n"
      "restore point  2026-01-15T23:59:59Z: restored, 1 min 1 s\n");
  report = {.header = {.elapsed = 61s},
            .restore_point = time_of("2026-01-15"),
            .dry_run = true,
            .target = "/t\n",
            .selected = 1,
            .selected_bytes = 5};
  EXPECT_EQ(to_text(report),
            "would restore  1 file (5 B) to /t\\n\n"
            "restore point  2026-01-15T23:59:59Z: dry run, nothing was written, 1 min 1 s\n");
}

TEST(RestoreText, SaysThatNothingDamagedWasWritten)
{
  RestoreReport report{
      .header = {.elapsed = 1s,
                 .problems = {{.path = "/a", .code = "damaged", .message = "/a: damaged"}}},
      .target = "/t"};
  report.restored = 1;
  report.damaged = 1;
  EXPECT_TRUE(
      to_text(report).contains("damaged        1 file: the store's bytes are not what was "
                               "recorded; nothing of it was written\n"));
  EXPECT_EQ(outcome_of(report), Outcome::damaged);
}

TEST(RestoreOutcome, IsFailedWhereNothingIsThere)
{
  RestoreReport restore{.header = {.problems = {{}}}};
  EXPECT_EQ(outcome_of(restore), Outcome::failed);
  restore.restored = 1;
  EXPECT_EQ(outcome_of(restore), Outcome::incomplete);
}

TEST(RestoreJson, CountsFiles)
{
  const json out =
      parsed(to_json(RestoreReport{.target = "/t\xff", .selected = 3, .restored = 2, .kept = 1}));
  EXPECT_EQ(out["result"], "ok");
  EXPECT_EQ(out["files"]["selected"], 3);
  EXPECT_EQ(out["files"]["kept"], 1);
  EXPECT_EQ(out["target"], "/t\xEF\xBF\xBD");
}

}  // namespace
}  // namespace ib::test
