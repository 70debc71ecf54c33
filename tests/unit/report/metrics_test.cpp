// SPDX-License-Identifier: Apache-2.0
#include "report/metrics.hpp"

#include "support/matchers.hpp"

namespace ib::test {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNight{std::chrono::seconds(1'768'446'000)};  // 2026-01-15T03:00:00Z

std::string ended(const char* command, Timestamp when, int exit_status,
                  std::string_view previous = {})
{
  Metrics metrics(command);
  tell_end(metrics, when, 290'500ms, exit_status, exit_status == 0 ? 0 : 2);
  return metrics.text(previous);
}

template <class Report>
std::string told(const Report& report, std::string_view previous = {})
{
  Metrics metrics(report.header.command);
  tell(metrics, report, kNight);
  return metrics.text(previous);
}

BackupReport backup()
{
  BackupReport report{.header = {.command = "backup"}};
  report.restore_point = kNight;
  report.complete = true;
  report.database = DumpInfo{.object = {"database/d.sql.gz"}, .bytes = 812, .assets = 37};
  return report;
}

std::size_t occurrences(const std::string& text, std::string_view part)
{
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

TEST(Metrics, AreWrittenAsPrometheusReadsThem)
{
  EXPECT_EQ(ended("verify", kNight, 0),
            "# HELP immich_backup_last_run_timestamp_seconds When the last run ended.\n"
            "# TYPE immich_backup_last_run_timestamp_seconds gauge\n"
            "immich_backup_last_run_timestamp_seconds{command=\"verify\"} 1768446000\n"
            "# HELP immich_backup_last_success_timestamp_seconds When the last run ended that "
            "ended with exit status 0.\n"
            "# TYPE immich_backup_last_success_timestamp_seconds gauge\n"
            "immich_backup_last_success_timestamp_seconds{command=\"verify\"} 1768446000\n"
            "# HELP immich_backup_last_exit_status The exit status of the last run.\n"
            "# TYPE immich_backup_last_exit_status gauge\n"
            "immich_backup_last_exit_status{command=\"verify\"} 0\n"
            "# HELP immich_backup_last_duration_seconds How long the last run took.\n"
            "# TYPE immich_backup_last_duration_seconds gauge\n"
            "immich_backup_last_duration_seconds{command=\"verify\"} 290.5\n"
            "# HELP immich_backup_problems Problems that the last run named.\n"
            "# TYPE immich_backup_problems gauge\n"
            "immich_backup_problems{command=\"verify\"} 0\n");
}

TEST(Metrics, RememberTheLastSuccessAfterAFailure)
{
  const std::string good = ended("backup", kNight, 0);
  const std::string bad = ended("backup", kNight + 24h, 3, good);
  EXPECT_THAT(bad, HasSubstr("last_success_timestamp_seconds{command=\"backup\"} 1768446000\n"));
  EXPECT_THAT(bad, HasSubstr("last_run_timestamp_seconds{command=\"backup\"} 1768532400\n"));
  EXPECT_THAT(bad, HasSubstr("last_exit_status{command=\"backup\"} 3\n"));
  EXPECT_THAT(ended("backup", kNight + 48h, 0, bad),
              HasSubstr("last_success_timestamp_seconds{command=\"backup\"} 1768618800\n"));
}

TEST(Metrics, ClaimNoSuccessThatWasNot)
{
  EXPECT_THAT(ended("backup", kNight, 1), Not(HasSubstr("last_success")));
  // Another command's success is not this one's.
  const std::string verified = ended("verify", kNight, 0);
  EXPECT_THAT(ended("backup", kNight, 1, verified),
              Not(HasSubstr("last_success_timestamp_seconds{command=\"backup\"}")));
}

TEST(Metrics, LeaveWhatOtherCommandsSaid)
{
  const std::string both = ended("verify", kNight + 1h, 4, ended("backup", kNight, 0));
  EXPECT_THAT(both, HasSubstr("last_exit_status{command=\"backup\"} 0\n"
                              "immich_backup_last_exit_status{command=\"verify\"} 4\n"));
  EXPECT_EQ(occurrences(both, "# TYPE immich_backup_last_exit_status gauge\n"), 1U);
  EXPECT_EQ(ended("verify", kNight + 1h, 4, both), both);
}

TEST(Metrics, DropWhatIsNotTheirs)
{
  const std::string text = ended("backup", kNight, 0,
                                 "node_load1 0.5\n"
                                 "immich_backup_unknown{command=\"verify\"} 1\n"
                                 "immich_backup_problems{command=\"verify\"} many\n"
                                 "immich_backup_problems{command=\"verify\",x=\"a\\\"b\"} 1\n"
                                 "immich_backup_problems 1\n"
                                 "immich_backup_problems{\n"
                                 "immich_backup_problems{command=\"verify\"}\n"
                                 "immich_backup_problems{command=\"verify\"} 7\n"
                                 "immich_backup_problems{command=\"verify\"} 8\n"
                                 "immich_backup_problems{command=\"pru");
  EXPECT_EQ(text, ended("backup", kNight, 0, "immich_backup_problems{command=\"verify\"} 7\n"));
}

TEST(BackupMetrics, HaveTheRestorePoint)
{
  BackupReport report = backup();
  report.added = 37;
  report.plan.scanned = 214'031;
  report.totals = {.files = 5, .bytes = 1'000'000'000'000'000, .archived = 2, .versions = 1};
  report.cost = CostSummary{.once = 0.03, .monthly = 1.52};
  report.audit = Audit{.originals = 9, .proven = 5, .stored = 1, .missing = 3};
  const std::string text = told(report);
  for (const char* line :
       {"restore_point_timestamp_seconds{command=\"backup\"} 1768446000\n",
        "restore_point_complete{command=\"backup\"} 1\n",
        "restore_point_covers{command=\"backup\",part=\"database\"} 1\n",
        "\nimmich_backup_complete_restore_point_timestamp_seconds{command=\"backup\"} 1768446000\n",
        "_files{command=\"backup\",kind=\"new\"} 37\n",
        "_files{command=\"backup\",kind=\"scanned\"} 214031\n",
        "stored_bytes{command=\"backup\",kind=\"current\"} 1e+15\n",
        "run_cost_usd{command=\"backup\"} 0.03\n", "monthly_cost_usd{command=\"backup\"} 1.52\n",
        "database_bytes{command=\"backup\"} 812\n",
        "originals{command=\"backup\",kind=\"protected\"} 6\n",
        "originals{command=\"backup\",kind=\"missing\"} 3\n", "seeding{command=\"backup\"} 0\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(BackupMetrics, CallNoRestorePointCompleteThatIsNot)
{
  const std::string good = told(backup());
  const std::string newest =
      "immich_backup_complete_restore_point_timestamp_seconds{command=\"backup\"} ";
  EXPECT_THAT(good, HasSubstr(newest + "1768446000\n"));
  BackupReport untidy = backup();
  untidy.header.problems.push_back({.path = "link", .code = "symlink", .message = "link: no"});
  EXPECT_THAT(told(untidy), HasSubstr(newest + "1768446000\n")) << "nothing named is missing";
  BackupReport incomplete = backup();
  incomplete.complete = false;
  BackupReport no_database = backup();
  no_database.database.reset();
  BackupReport no_files = backup();
  no_files.files_covered = false;
  BackupReport none = backup();
  none.restore_point.reset();
  for (BackupReport report : {incomplete, no_database, no_files, none}) {
    if (report.restore_point) *report.restore_point += 24h;
    EXPECT_THAT(told(report), Not(HasSubstr(newest)));
    EXPECT_THAT(told(report, good), HasSubstr(newest + "1768446000\n"));
  }
  EXPECT_THAT(told(incomplete), HasSubstr("restore_point_complete{command=\"backup\"} 0\n"));
  EXPECT_THAT(told(no_database),
              HasSubstr("restore_point_covers{command=\"backup\",part=\"database\"} 0\n"));
}

TEST(BackupMetrics, SaySeedingOnlyWhereBytesAdvance)
{
  BackupReport report = backup();
  report.seeding = Seeding{.files_left = 10, .bytes_left = 4096};
  EXPECT_THAT(told(report), HasSubstr("_seeding{command=\"backup\"} 0\n"));
  EXPECT_THAT(told(report), Not(HasSubstr("last_progress")));
  report.uploaded_bytes = 1;
  EXPECT_THAT(told(report), HasSubstr("_seeding{command=\"backup\"} 1\n"));
  EXPECT_THAT(told(report), HasSubstr("seeding_left_bytes{command=\"backup\"} 4096\n"));
  EXPECT_THAT(told(report),
              HasSubstr("last_progress_timestamp_seconds{command=\"backup\"} 1768446000\n"));
  report.seeding.reset();
  EXPECT_THAT(told(report), HasSubstr("_seeding{command=\"backup\"} 0\n"));
}

TEST(VerifyMetrics, HaveTheDamage)
{
  VerifyReport report{.header = {.command = "verify"}};
  report.objects = 10;
  report.damaged = 2;
  EXPECT_THAT(told(report), HasSubstr("verified_objects{command=\"verify\",kind=\"damaged\"} 2\n"));
}

TEST(StatusMetrics, HaveTheNewestRestorePoints)
{
  StatusReport report{.header = {.command = "status"}};
  EXPECT_THAT(told(report), HasSubstr("restore_points{command=\"status\"} 0\n"));
  report.restore_points = 2;
  report.newest = RestorePoint{.time = kNight + 24h};
  report.newest_complete = RestorePoint{.time = kNight, .covers = {.files = true}};
  EXPECT_THAT(told(report), HasSubstr("restore_point_complete{command=\"status\"} 0\n"));
  EXPECT_THAT(told(report), Not(HasSubstr("complete_restore_point_timestamp")));  // it has no dump
  report.newest_complete->database = backup().database;
  EXPECT_THAT(
      told(report),
      HasSubstr("complete_restore_point_timestamp_seconds{command=\"status\"} 1768446000\n"));
}

}  // namespace
}  // namespace ib::test
