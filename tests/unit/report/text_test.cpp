// SPDX-License-Identifier: Apache-2.0
#include "report/render.hpp"
#include "repository/proofs.hpp"
#include "repository/runs.hpp"

#include <gtest/gtest.h>
#include <chrono>

namespace ib {
namespace {

using namespace std::chrono_literals;

Timestamp at(const char* text)
{
  return *parse_timestamp(text);
}

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
  report.restore_point = at("2026-01-15T03:00:00Z");
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

TEST(BackupText, TellsAFirstRun)
{
  BackupReport report{.header = {.elapsed = 11'520s}};
  report.plan.scanned = report.added = 214'031;
  report.added_bytes = 1ULL << 40U;
  report.uploaded_objects = 200'001;
  report.uploaded_bytes = 1000ULL << 30U;
  report.found_stored = 14'030;
  report.database = DumpInfo{.bytes = 5, .assets = 1};
  report.restore_point = at("2026-01-15T03:00:00Z");
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
  report.restore_point = at("2026-01-15T03:00:00Z");
  EXPECT_EQ(to_text(report),
            "database       not in this restore point\n"
            "library        1 file: nothing has changed\n"
            "restore point  2026-01-15T03:00:00Z: complete, 1.5 s\n");
}

TEST(BackupText, NamesProblemsWithTheirHints)
{
  BackupReport report = normal_night();
  report.database.reset();
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

TEST(PrintableMessage, LeavesWhatIsPrintableAlready)
{
  EXPECT_EQ(printable_message("a\\nb: bad"), "a\\nb: bad");
  EXPECT_EQ(printable_message("\\"), "\\");
  EXPECT_EQ(printable_message(""), "");
  EXPECT_EQ(printable_message("tab\there"), "tab\\there");
}

VerifyReport verified()
{
  return {.header = {.elapsed = 4s},
          .restore_point = at("2026-01-15T03:00:00Z"),
          .objects = 214'031,
          .object_bytes = 1ULL << 40U,
          .present = 214'031};
}

TEST(VerifyText, SaysWhatAListingDoesNotProve)
{
  EXPECT_EQ(to_text(verified()),
            "listing        214,031 of 214,031 objects (1.0 TiB): there, with the recorded size\n"
            "not proven     a folder's listing proves names and sizes; --all reads the bytes\n"
            "verified       2026-01-15T03:00:00Z: no damage found, 4.0 s\n");
  VerifyReport cloud = verified();
  cloud.listing_has_checksums = true;
  EXPECT_TRUE(to_text(cloud).contains("with the recorded size and CRC32C\n"));
}

TEST(VerifyText, LeavesNothingUnprovenAfterReadingAll)
{
  VerifyReport report = verified();
  report.read_back = report.objects;
  report.read_back_bytes = report.object_bytes;
  report.dump_checked = true;
  EXPECT_EQ(to_text(report),
            "listing        214,031 of 214,031 objects (1.0 TiB): there, with the recorded size\n"
            "read back      214,031 objects (1.0 TiB): byte for byte as recorded\n"
            "database       the dump was read to its end: whole\n"
            "verified       2026-01-15T03:00:00Z: no damage found, 4.0 s\n");
}

TEST(VerifyText, NamesDamage)
{
  VerifyReport report = verified();
  report.present -= 1;
  report.damaged = 1;
  report.unknown_objects = 2;
  report.header.problems = {{.path = "/upload/a.jpg",
                             .code = "object_missing",
                             .message = "library/upload/a.jpg: missing from the store"}};
  EXPECT_EQ(to_text(report),
            "listing        214,030 of 214,031 objects (1.0 TiB): there, with the recorded size\n"
            "damaged        1 object is missing or not what was recorded\n"
            "unknown        2 objects that no manifest names: of a run that was interrupted, or a "
            "stranger's\n"
            "not proven     a folder's listing proves names and sizes; --all reads the bytes\n"
            "verified       2026-01-15T03:00:00Z: damage was found, 4.0 s\n"
            "\n"
            "1 problem:\n"
            "  library/upload/a.jpg: missing from the store\n");
  EXPECT_EQ(outcome_of(report), Outcome::damaged);
}

TEST(RestoreText, TellsWhatWasWrittenAndWhatWasThere)
{
  RestoreReport report{
      .header = {.elapsed = 61s}, .restore_point = at("2026-01-15"), .target = "/srv/immich"};
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
            .restore_point = at("2026-01-15"),
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

TEST(DatabaseRestoreText, TellsWhichDumpWentWhere)
{
  const DatabaseRestoreReport report{
      .header = {.elapsed = 12s},
      .dump = {.object = {"database/2026-01-15T03-00-00-immich-v2.3.1.sql.gz"},
               .bytes = 812ULL << 20U,
               .immich_version = "v2.3.1",
               .assets = 201'344},
      .restore_point = at("2026-01-15T03:00:00Z"),
      .database = "immich on db:5432 as postgres",
      .assets = 201'344};
  EXPECT_EQ(to_text(report),
            "dump           database/2026-01-15T03-00-00-immich-v2.3.1.sql.gz (812 MiB, Immich "
            "v2.3.1, 201,344 assets)\n"
            "database       immich on db:5432 as postgres: 201,344 assets\n"
            "restore point  2026-01-15T03:00:00Z: restored, 12 s\n");
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

TEST(StatusText, AnswersHowTheBackupIs)
{
  StatusReport report{.header = {.store = "file:///backup"}, .now = at("2026-01-15T12:12:00Z")};
  report.newest = point("2026-01-15T03:00:00Z", false);
  report.newest_complete = point("2026-01-14T03:00:00Z", true);
  report.restore_points = 14;
  report.last_verified = at("2026-01-12T12:12:00Z");
  report.last_verified_ok = true;
  report.unfinished_runs = {"x"};
  EXPECT_EQ(to_text(report),
            "store          file:///backup\n"
            "restore point  2026-01-15T03:00:00Z, 9 h 12 min ago: incomplete, 3 problems\n"
            "library        214,031 files (1.0 TiB), and 12 gone from it but kept (3.0 GiB)\n"
            "database       database/d.sql.gz (812 MiB, Immich v2.3.1, 2 assets)\n"
            "verified       2026-01-12T12:12:00Z, 3 days 0 h ago: no damage found\n"
            "               not every file of the library has been read back yet\n"
            "restore from   2026-01-14T03:00:00Z\n"
            "kept           14 restore points\n"
            "unfinished     1 run: still going on, or interrupted; the next backup finds what was "
            "stored\n");
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
  report.newest = report.newest_complete;
  EXPECT_EQ(outcome_of(report), Outcome::ok);
  report.last_verified_ok = false;
  EXPECT_EQ(outcome_of(report), Outcome::damaged);
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

TEST(SnapshotsText, AlignsItsColumns)
{
  SnapshotsReport report;
  report.restore_points = {point("2026-01-14T03:00:00Z", true),
                           point("2026-01-15T03:00:00Z", false)};
  report.restore_points[1].counts = {.files = 1, .bytes = 5};
  report.restore_points[1].database.reset();
  EXPECT_EQ(
      to_text(report),
      "2026-01-14T03:00:00Z  complete      214,031 files   1.0 TiB  dump  812 MiB  Immich v2.3.1\n"
      "2026-01-15T03:00:00Z  incomplete          1 file        5 B  no dump\n");
  EXPECT_EQ(to_text(SnapshotsReport{}), "no restore points\n");
}

TEST(RebuildText, TellsWhatWasRecovered)
{
  const RebuildReport report{.header = {.elapsed = 2s},
                             .based_on = std::nullopt,
                             .objects = 10,
                             .read_back = 10,
                             .added = 9,
                             .dropped = 1,
                             .totals = {.files = 9, .bytes = 100},
                             .manifest = std::nullopt,
                             .restore_point = at("2026-01-15T03:00:00Z")};
  EXPECT_EQ(to_text(report),
            "based on       the store's objects alone: no manifest could be read\n"
            "store          10 objects that hold files, 10 read back\n"
            "added          9 contents that the manifest did not know\n"
            "dropped        1 entry whose object is missing or damaged; the next backup stores the "
            "files again\n"
            "library        9 files (100 B)\n"
            "restore point  2026-01-15T03:00:00Z: rebuilt, 2.0 s\n");
}

TEST(LsLine, EscapesHostileNames)
{
  EXPECT_EQ(
      ls_line(
          {.path = "/upload/\x1b]0;x\x07\n", .content = {.size = 2048}, .mtime_ns = 1'500'000'000}),
      " 2.0 KiB  1970-01-01T00:00:01Z  /upload/\\x1b]0;x\\x07\\n\n");
}

TEST(Outcome, IsFailedWhereNoRestorePointWasWritten)
{
  BackupReport report = normal_night();
  EXPECT_EQ(outcome_of(report), Outcome::ok);
  report.header.problems.push_back({});
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
  report.restore_point.reset();
  EXPECT_EQ(outcome_of(report), Outcome::failed);

  RestoreReport restore{.header = {.problems = {{}}}};
  EXPECT_EQ(outcome_of(restore), Outcome::failed);
  restore.restored = 1;
  EXPECT_EQ(outcome_of(restore), Outcome::incomplete);
}

TEST(DoctorText, GroupsChecksAndPutsWhatMendsThemBelow)
{
  const DoctorReport report{.header = {.command = "doctor"},
                            .checks = {{.area = "store",
                                        .name = "answer",
                                        .verdict = Verdict::ok,
                                        .message = "gs://photos answers"},
                                       {.area = "store",
                                        .name = "restore_point",
                                        .verdict = Verdict::unknown,
                                        .message = "a\nb"},
                                       {.area = "bucket",
                                        .name = "lifecycle",
                                        .verdict = Verdict::problem,
                                        .message = "deletes",
                                        .fix = "gcloud x"}}};
  EXPECT_EQ(to_text(report),
            "store\n"
            "  ok       answer          gs://photos answers\n"
            "  unknown  restore point   a\\nb\n"
            "\n"
            "bucket\n"
            "  problem  lifecycle       deletes\n"
            "                           -> gcloud x\n"
            "\n"
            "1 problem, 1 unknown (3 checks; nothing was changed)\n");
}

TEST(DoctorText, WrapsSentencesAndLeavesCommandsWhole)
{
  std::string words;
  for (int i = 0; i < 40; ++i) words += i == 0 ? "word" : " word";
  const DoctorReport report{
      .checks = {{.area = "store", .name = "clock", .message = words, .fix = words}}};
  const std::string text = to_text(report);
  EXPECT_NE(text.find("word\n                           word"), std::string::npos) << text;
  EXPECT_NE(text.find("-> " + words + "\n"), std::string::npos) << text;
}

TEST(DoctorText, SaysThatAllIsWell)
{
  const DoctorReport report{.checks = {{.area = "store", .name = "clock", .verdict = Verdict::ok}}};
  EXPECT_NE(to_text(report).find("\nall well (1 check; nothing was changed)\n"), std::string::npos);
  EXPECT_EQ(outcome_of(report), Outcome::ok);
}

}  // namespace
}  // namespace ib
