// SPDX-License-Identifier: Apache-2.0
#include "report/backup.hpp"

#include "base/text.hpp"
#include "support/builders.hpp"
#include "support/matchers.hpp"
#include "support/parsed_json.hpp"

#include <chrono>

namespace ib::test {
namespace {

using namespace std::chrono_literals;

BackupReport normal_night()
{
  BackupReport report{.header = {.command = "backup", .store = "file:///backup", .elapsed = 290s}};
  report.plan = {.scanned = 214'031, .to_read = 38, .unchanged = 213'993, .gone = 2};
  report.added = 37;
  report.added_bytes = 214ULL << 20U;
  report.changed = 1;
  report.archived = 2;
  report.left_out = {"thumbs/ and encoded-video/ (Immich makes them again)",
                     "backups/ (the backup takes a dump of its own)"};
  report.database = DumpInfo{.bytes = 812ULL << 20U, .immich_version = "v2.3.1", .assets = 201'344};
  report.previous_assets = 201'307;
  report.restore_point = time_of("2026-01-15T03:00:00Z");
  report.complete = true;
  return report;
}

TEST(BackupText, TellsANormalNightInFourLines)
{
  EXPECT_EQ(to_text(normal_night()),
            "database       812 MiB, trailer ok, 201,344 assets (+37)\n"
            "library        214,031 files: 37 new (214 MiB), 1 changed, 2 gone\n"
            "left out       thumbs/ and encoded-video/ (Immich makes them again), backups/ (the "
            "backup takes a dump of its own)\n"
            "restore point  2026-01-15T03:00:00Z: complete, 4 min 50 s\n");
}

TEST(BackupText, CountsNoMoveAsALossBesides)
{
  BackupReport report = normal_night();
  report.moved = 275;
  report.archived = 277;
  EXPECT_THAT(to_text(report), HasSubstr("275 moved, 277 paths gone, with those of what moved\n"));
  report.moved = 0;
  EXPECT_THAT(to_text(report), HasSubstr(", 277 gone\n"));
}

TEST(BackupText, TellsAFirstRun)
{
  BackupReport report{.header = {.elapsed = 11'520s}};
  report.plan.scanned = report.added = 214'031;
  report.added_bytes = 1ULL << 40U;
  report.uploaded_objects = 200'001;
  report.uploaded_bytes = 1000ULL << 30U;
  report.found_stored = 14'030;
  report.database = DumpInfo{.bytes = 5, .assets = 1};
  report.restore_point = time_of("2026-01-15T03:00:00Z");
  report.complete = true;
  EXPECT_EQ(
      to_text(report),
      "database       5 B, trailer ok, 1 asset\n"
      "library        214,031 files: all new (1.0 TiB)\n"
      "stored         200,001 objects (1.0 TiB), 14,030 already there from an interrupted run\n"
      "restore point  2026-01-15T03:00:00Z: complete, 3 h 12 min\n");
}

TEST(BackupText, SaysWhenNothingHasChanged)
{
  BackupReport report{.header = {.elapsed = 1500ms}};
  report.plan.scanned = report.plan.unchanged = 1;
  report.restore_point = time_of("2026-01-15T03:00:00Z");
  report.complete = true;
  EXPECT_EQ(to_text(report),
            "database       not in this restore point\n"
            "library        1 file: nothing has changed\n"
            "restore point  2026-01-15T03:00:00Z: complete, 1.5 s\n");
}

TEST(BackupText, NamesProblemsWithTheirHints)
{
  BackupReport report = normal_night();
  report.database.reset();
  report.complete = false;
  report.failed = 1;
  report.header.notes = {"IMMICH_VERSION is old"};
  report.header.problems = {
      {.path = "/upload/a.jpg",
       .code = "unreadable",
       .message = "cannot be read: Permission denied",
       .hint = "Let the backup's user read it."},
      {.path = "", .code = "dump_failed", .message = "dumping the database: connection refused"}};
  EXPECT_EQ(to_text(report),
            "database       not in this restore point\n"
            "library        214,031 files: 37 new (214 MiB), 1 changed, 2 gone, 1 not saved\n"
            "left out       thumbs/ and encoded-video/ (Immich makes them again), backups/ (the "
            "backup takes a dump of its own)\n"
            "note           IMMICH_VERSION is old\n"
            "restore point  2026-01-15T03:00:00Z: incomplete, 2 problems, 4 min 50 s\n"
            "\n"
            "2 problems:\n"
            "  /upload/a.jpg: cannot be read: Permission denied\n"
            "    Let the backup's user read it.\n"
            "  dumping the database: connection refused\n");
}

TEST(BackupText, TellsWhatARestoreBringsOfWhatTheDatabaseNames)
{
  BackupReport report = normal_night();
  report.audit = Audit{.originals = 201'344, .proven = 201'344};
  EXPECT_THAT(to_text(report), HasSubstr("\nproof          201,344 of 201,344 originals\n"));
  EXPECT_THAT(to_text(report), EndsWith("restore point  2026-01-15T03:00:00Z: complete, 201,344 of "
                                        "201,344 originals, 4 min 50 s\n"));
  report.complete = false;
  report.audit = Audit{.originals = 201'344,
                       .proven = 201'320,
                       .stored = 2,
                       .differs = 3,
                       .missing = 4,
                       .excluded = 5,
                       .deleted = 6,
                       .accepted = 4,
                       .placed = 7,
                       .edited = 1};
  EXPECT_THAT(to_text(report),
              HasSubstr("\nproof          201,322 of 201,344 originals; 2 without a checksum to "
                        "compare, 7 not where the library has them, 3 not as Immich recorded, 4 "
                        "missing, 5 left out by --exclude, 6 deleted by Immich meanwhile, 4 "
                        "accepted by you\n"));
  EXPECT_THAT(to_text(report), EndsWith("restore point  2026-01-15T03:00:00Z: incomplete, 201,322 "
                                        "of 201,344 originals, 4 min 50 s\n"));
}

TEST(BackupText, CallsARestorePointCompleteAlsoWhereTheRunHadProblems)
{
  BackupReport report = normal_night();
  report.header.problems = {{.path = "/upload/link", .code = "symlink", .message = "is a link"}};
  EXPECT_THAT(to_text(report),
              HasSubstr("restore point  2026-01-15T03:00:00Z: complete, 1 problem, 4 min 50 s\n"));
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
}

TEST(BackupText, DoesNotNameAPathTwice)
{
  BackupReport report = normal_night();
  report.header.problems = {
      {.path = "/upload/a.jpg", .code = "unreadable", .message = "/upload/a.jpg: cannot be read"}};
  EXPECT_TRUE(to_text(report).ends_with("\n1 problem:\n  /upload/a.jpg: cannot be read\n"));
}

BackupReport with_problems(std::size_t count)
{
  BackupReport report = normal_night();
  for (std::size_t i = 0; i < count; ++i) {
    report.header.problems.push_back({.path = "/upload/" + std::to_string(i),
                                      .code = "x",
                                      .message = "bad",
                                      .hint = "Mend it."});
  }
  return report;
}

TEST(BackupText, NamesTwentyProblemsAndWhereTheOthersAre)
{
  const std::string text = to_text(with_problems(34));
  EXPECT_TRUE(text.contains(
      "  /upload/19: bad\n    Mend it.\n  and 14 more, in manifest-20260115T030000Z.json\n"))
      << text;
  EXPECT_FALSE(text.contains("/upload/20"));
  EXPECT_EQ(text.find("Mend it."), text.rfind("Mend it.")) << "the same hint is said once:\n"
                                                           << text;
}

TEST(BackupText, DoesNotPromiseMoreProblemsThanTheRestorePointNames)
{
  EXPECT_TRUE(
      to_text(with_problems(1254))
          .ends_with("  and 1,234 more; manifest-20260115T030000Z.json names the first 100\n"));
  BackupReport none = with_problems(21);
  none.restore_point.reset();
  EXPECT_TRUE(to_text(none).ends_with("  and 1 more (--json names them all)\n"));
}

TEST(BackupText, TellsADryRunAsWhatWouldBeDone)
{
  BackupReport report = normal_night();
  report.dry_run = true;
  report.database.reset();
  report.restore_point.reset();
  report.plan.scanned_bytes = 1ULL << 40U;
  report.plan.to_read_bytes = 214ULL << 20U;
  report.left_out.clear();
  EXPECT_EQ(
      to_text(report),
      "library        214,031 files (1.0 TiB): 38 to read (214 MiB), 213,993 unchanged, 2 gone\n"
      "dry run        nothing was stored; a backup would read the files above, and store those "
      "with new content\n");
  EXPECT_EQ(outcome_of(report), Outcome::ok);
}

TEST(BackupText, SaysThatFilesWereLeftAlone)
{
  BackupReport report = normal_night();
  report.files_covered = false;
  EXPECT_TRUE(to_text(report).contains("library        left as it was (--no-files)\n"));
}

TEST(BackupText, LetsNoNameMoveTheCursorOrForgeALine)
{
  BackupReport report = normal_night();
  report.header.notes = {"\x1b[2Jgone"};
  report.left_out = {"a\nrestore point  forged"};
  report.header.problems = {
      {.path = "/upload/\x1b[31m\xff\n", .code = "x", .message = "bad\r\n", .hint = "\x07"}};
  const std::string text = to_text(report);
  EXPECT_TRUE(text.contains("/upload/\\x1b[31m\\xff\\n: bad\\r\\n\n    \\x07\n")) << text;
  EXPECT_FALSE(text.contains('\x1b'));
  EXPECT_FALSE(text.contains('\xff'));
  EXPECT_TRUE(text.contains("a\\nrestore point  forged"));
}

TEST(BackupOutcome, IsFailedWhereNoRestorePointWasWritten)
{
  BackupReport report = normal_night();
  EXPECT_EQ(outcome_of(report), Outcome::ok);
  report.header.problems.push_back({});
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
  report.restore_point.reset();
  EXPECT_EQ(outcome_of(report), Outcome::failed);
}

TEST(BackupJson, HasTheFieldsThatScriptsRelyOn)
{
  BackupReport report{.header = {.command = "backup", .store = "file:///b", .elapsed = 290'123ms}};
  report.plan = {.scanned = 10, .unchanged = 3};
  report.added = 4;
  report.uploaded_objects = 5;
  report.uploaded_bytes = 6;
  report.usage.of[StorageClass::archive] = {.class_a = 1, .class_b = 2, .retrieved_bytes = 4};
  report.usage.free = 3;
  report.cost = CostSummary{.once = 0.1234567,
                            .monthly = 1.5,
                            .auto_saves = 0,
                            .location = "us-central1",
                            .date = "2026-11"};
  report.database = DumpInfo{
      .object = {"database/d.sql.gz"}, .bytes = 7, .immich_version = "v2.3.1", .assets = 8};
  report.manifest = ManifestInfo{.object = {"manifest-x.db"}, .bytes = 9};
  report.manifest_written = true;
  report.restore_point = time_of("2026-01-15T03:00:00Z");
  report.left_out = {"thumbs/"};
  const json out = parsed(to_json(report));
  EXPECT_THAT(keys(out), IsSupersetOf(kHeader));
  EXPECT_EQ(out["command"], "backup");
  EXPECT_EQ(out["result"], "ok");
  EXPECT_EQ(out["store"], "file:///b");
  EXPECT_EQ(out["elapsed_s"], 290.123);
  EXPECT_THAT(keys(out["files"]),
              IsSupersetOf({"scanned", "new", "changed", "touched", "moved", "copied", "returned",
                            "unchanged", "archived", "failed"}));
  EXPECT_EQ(out["files"]["new"], 4);
  EXPECT_EQ(out["uploaded"]["objects"], 5);
  EXPECT_EQ(out["uploaded"]["bytes"], 6);
  EXPECT_EQ(out["requests"],
            json({{"class_a", 1},
                  {"class_b", 2},
                  {"free", 3},
                  {"by_class",
                   {{"ARCHIVE", {{"class_a", 1}, {"class_b", 2}, {"retrieved_bytes", 4}}}}}}));
  EXPECT_EQ(out["cost"], json({{"usd", 0.123457},
                               {"usd_month", 1.5},
                               {"auto_saves_usd", 0.0},
                               {"location", "us-central1"},
                               {"prices_of", "2026-11"}}));
  EXPECT_EQ(out["database"]["object"], "database/d.sql.gz");
  EXPECT_EQ(out["database"]["sha256"], std::string(64, '0'));
  EXPECT_EQ(out["database"]["immich_version"], "v2.3.1");
  EXPECT_EQ(out["database"]["assets"], 8);
  EXPECT_EQ(out["manifest"]["written"], true);
  EXPECT_EQ(out["restore_point"], "2026-01-15T03:00:00Z");
  EXPECT_EQ(out["left_out"], json::array({"thumbs/"}));
  EXPECT_EQ(out["dry_run"], false);
  EXPECT_EQ(out["complete"], false);
  report.complete = true;
  report.audit = Audit{.originals = 3, .proven = 1, .stored = 1, .missing = 1, .placed = 1};
  const json complete = parsed(to_json(report));
  EXPECT_EQ(complete["complete"], true);
  EXPECT_EQ(complete["audit"]["protected"], 2);
  EXPECT_EQ(complete["audit"]["placed"], 1);
}

TEST(BackupJson, SaysNullForWhatThereIsNot)
{
  const json out = parsed(to_json(BackupReport{}));
  EXPECT_TRUE(out["database"].is_null());
  EXPECT_TRUE(out["manifest"].is_null());
  EXPECT_TRUE(out["restore_point"].is_null());
  EXPECT_EQ(out["result"], "failed");
}

TEST(BackupJson, NamesEveryProblem)
{
  BackupReport report;
  report.restore_point = time_of("2026-01-15");
  for (int i = 0; i < 300; ++i)
    report.header.problems.push_back({.path = "p", .code = "c", .message = "m"});
  report.header.problems.front().hint = "h";
  const json out = parsed(to_json(report));
  EXPECT_EQ(out["result"], "incomplete");
  ASSERT_EQ(out["problems"].size(), 300U);
  EXPECT_EQ(out["problems"][0],
            json({{"path", "p"}, {"code", "c"}, {"message", "m"}, {"hint", "h"}}));
  EXPECT_EQ(out["problems"][1], json({{"path", "p"}, {"code", "c"}, {"message", "m"}}));
}

TEST(Json, IsValidWhateverTheNames)
{
  BackupReport report{.header = {.command = "backup", .store = "file:///\xc3("}};
  report.header.problems = {
      {.path = "\xff\xfe", .code = "c", .message = "\xed\xa0\x80", .hint = "\x80"}};
  report.header.notes = {"\xf5"};
  report.left_out = {"\xc0\xaf"};
  const std::string text = to_json(report);
  EXPECT_TRUE(is_valid_utf8(text));
  EXPECT_TRUE(parsed(text).is_object());
}

}  // namespace
}  // namespace ib::test
