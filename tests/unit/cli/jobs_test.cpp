// SPDX-License-Identifier: Apache-2.0
#include "cli/jobs.hpp"

#include "postgres/database_settings.hpp"
#include "sys/file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fstream>

namespace ib {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Variables = std::map<std::string, std::string>;

Settings settings(std::vector<std::string> words, const Variables& variables = {},
                  const std::string& toml = "")
{
  const Result<CommandLine> line = parse_command_line("immich-backup", words);
  EXPECT_TRUE(line) << line.error().message;
  return Settings::collect(
      *line,
      [&](const char* name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      },
      *parse_config(toml, "immich.toml"), "immich.toml");
}

DatabaseAddress address(const std::vector<std::string>& words, const Variables& variables,
                        const std::string& toml = "")
{
  const Result<std::optional<DatabaseSettings>> database =
      database_settings(settings(words, variables, toml));
  EXPECT_TRUE(database) << database.error().message;
  return database && *database ? (**database).address : DatabaseAddress{};
}

TEST(Shards, AreAPartOfSoMany)
{
  const auto job = [](std::vector<std::string> words, const Variables& variables = {}) {
    words.insert(words.end(), {"--library", "/l", "--no-database"});
    return backup_job(settings(std::move(words), variables));
  };
  EXPECT_FALSE(job({"backup"})->shard);
  const auto third = job({"backup", "--shards", "8", "--shard", "2"})->shard;
  ASSERT_TRUE(third);
  EXPECT_EQ(third->part, 2U);
  EXPECT_EQ(third->parts, 8U);
  const auto of_the_cluster =
      job({"backup", "--shards", "4"}, {{"JOB_COMPLETION_INDEX", "3"}})->shard;
  ASSERT_TRUE(of_the_cluster);
  EXPECT_EQ(of_the_cluster->part, 3U);
  // Set in every Indexed Job, whatever it is for.
  EXPECT_FALSE(job({"backup"}, {{"JOB_COMPLETION_INDEX", "3"}})->shard);
  EXPECT_FALSE(job({"backup", "--shard", "3"}));
  EXPECT_FALSE(job({"backup", "--shards", "3"}));
  EXPECT_FALSE(job({"backup", "--shards", "3", "--shard", "3"}));
  EXPECT_FALSE(verify_job(settings({"verify", "--shards", "3", "--shard", "1"})));
  EXPECT_TRUE(verify_job(settings({"verify", "--all", "--shards", "3", "--shard", "1"}))->shard);
}

TEST(Shards, LeaveTheDatabaseToTheFirst)
{
  const auto job = [](const char* part) {
    return backup_job(settings({"backup", "--library", "/l", "--shards", "2", "--shard", part},
                               {{"DB_HOSTNAME", "db"}, {"DB_PASSWORD", "p"}}));
  };
  EXPECT_TRUE(job("0")->database);
  EXPECT_FALSE(job("1")->database);
}

TEST(DatabaseSettings, AreAbsentWhereNobodyNamesADatabase)
{
  EXPECT_EQ(
      database_settings(settings({"backup"}, {{"DB_PASSWORD", "x"}, {"DB_USERNAME", "y"}})).value(),
      std::nullopt);
}

TEST(DatabaseSettings, HaveImmichsDefaults)
{
  const DatabaseAddress a = address({"backup"}, {{"DB_HOSTNAME", "db"}, {"DB_PASSWORD", "p"}});
  EXPECT_EQ(describe(a), "immich on db:5432 as postgres");
  EXPECT_EQ(a.password, "p");
  const DatabaseAddress b = address(
      {"backup"}, {{"DB_HOST", "db"}, {"DB_PORT", "6"}, {"DB_USER", "u"}, {"DB_NAME", "n"}});
  EXPECT_EQ(describe(b), "n on db:6 as u");
}

TEST(DatabaseSettings, TakeTheUrlBeforeThePartsAsImmichDoes)
{
  const Variables variables{
      {"DB_URL", "postgresql://u:p@urlhost:6/n"}, {"DB_HOSTNAME", "db"}, {"DB_PASSWORD", "other"}};
  EXPECT_EQ(describe(address({"backup"}, variables)), "n on urlhost:6 as u");
  EXPECT_EQ(address({"backup"}, variables).password, "p");
}

TEST(DatabaseSettings, LetAPartFromAStrongerSourceCorrectTheUrl)
{
  const Variables variables{{"DB_URL", "postgresql://u:p@urlhost:6/n"}};
  EXPECT_EQ(describe(address({"backup", "--db-host", "near"}, variables)), "n on near:6 as u");
  EXPECT_EQ(describe(address({"backup"}, {{"DB_HOSTNAME", "near"}},
                             "db-url = \"postgresql://u@urlhost:6/n\"")),
            "n on near:6 as u");
}

TEST(DatabaseSettings, TakeThePasswordFromElsewhereIfTheUrlHasNone)
{
  EXPECT_EQ(address({"backup", "--db-url", "postgresql://u@h/n"}, {{"DB_PASSWORD", "p"}}).password,
            "p");
  EXPECT_EQ(address({"backup"}, {{"DB_HOST", "h"}}, "db-password = \"p\"").password, "p");
}

class PasswordFile : public testing::Test {
protected:
  void SetUp() override { std::ofstream(path_) << "from file\r\n"; }
  ScratchFolder scratch_ = *ScratchFolder::create("");
  std::string path_ = scratch_.file("password");
};

TEST_F(PasswordFile, IsReadWithoutItsLineEnd)
{
  EXPECT_EQ(
      address({"backup", "--db-password-file", path_}, {{"DB_HOST", "h"}, {"DB_PASSWORD", "p"}})
          .password,
      "from file");
  EXPECT_EQ(address({"backup"}, {{"DB_HOST", "h"}, {"DB_PASSWORD_FILE", path_}}).password,
            "from file");
  EXPECT_EQ(
      address({"backup"}, {{"DB_HOST", "h"}, {"DB_PASSWORD", "p"}, {"DB_PASSWORD_FILE", path_}})
          .password,
      "p");
}

TEST_F(PasswordFile, ThatIsMissingOrEmptyIsAnError)
{
  const auto error = [&] {
    return database_settings(settings({"backup"}, {{"DB_HOST", "h"}, {"DB_PASSWORD_FILE", path_}}))
        .error();
  };
  std::ofstream(path_, std::ios::trunc) << "\n";
  EXPECT_EQ(error().code, Errc::invalid);
  path_ = scratch_.file("nowhere");
  EXPECT_EQ(error().code, Errc::invalid);
  EXPECT_THAT(error().message, HasSubstr("DB_PASSWORD_FILE in the environment: "));
}

TEST(DatabaseSettings, NeverRepeatSecretsInErrors)
{
  for (const Variables& variables :
       {Variables{{"DB_URL", "mysql://u:s3cret@h/n"}},
        Variables{{"DB_URL", "postgresql://u:s3cret@h:port/n"}}, Variables{{"DB_URL", "s3cret"}},
        Variables{{"DB_HOST", "h"}, {"DB_PORT", "x"}, {"DB_PASSWORD", "s3cret"}}}) {
    const auto database = database_settings(settings({"backup"}, variables));
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, Errc::invalid);
    EXPECT_FALSE((database.error().message + database.error().hint).contains("s3cret"))
        << database.error().message;
  }
}

const Variables kConfigured{{"DB_HOST", "h"}, {"LIBRARY_PATH", "/photos"}};

TEST(BackupJob, HoldsWhatIsToBeBackedUp)
{
  const Result<BackupJob> job =
      backup_job(settings({"backup", "--include", "/thumbs/", "--exclude", "*.mov", "--exclude",
                           "x", "--dry-run", "--immich-version", "v2", "--pg-bin", "/bin"},
                          kConfigured));
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->library, "/photos");
  EXPECT_EQ(job->database->client_folder, "/bin");
  EXPECT_THAT(job->include, ElementsAre("/thumbs/"));
  EXPECT_THAT(job->exclude, ElementsAre("*.mov", "x"));
  EXPECT_EQ(job->immich_version, "v2");
  EXPECT_TRUE(job->dry_run);
}

TEST(BackupJob, LeavesOutWhatItIsToldTo)
{
  const Result<BackupJob> files = backup_job(settings({"backup", "--no-database"}, kConfigured));
  ASSERT_TRUE(files);
  EXPECT_FALSE(files->database);
  const Result<BackupJob> database = backup_job(settings({"backup", "--no-files"}, kConfigured));
  ASSERT_TRUE(database);
  EXPECT_FALSE(database->library);
}

TEST(BackupJob, SaysWhatToSet)
{
  const auto error = [](const std::vector<std::string>& words, const Variables& variables) {
    const Result<BackupJob> job = backup_job(settings(words, variables));
    EXPECT_FALSE(job);
    EXPECT_EQ(job.error().code, Errc::invalid);
    return job.error();
  };
  EXPECT_THAT(error({"backup"}, {{"LIBRARY_PATH", "/x"}}).hint,
              testing::AllOf(HasSubstr("DB_HOSTNAME"), HasSubstr("--no-database")));
  EXPECT_THAT(error({"backup"}, {{"DB_HOST", "h"}}).hint,
              testing::AllOf(HasSubstr("LIBRARY_PATH"), HasSubstr("--no-files")));
  EXPECT_THAT(error({"backup", "--no-files", "--no-database"}, kConfigured).message,
              HasSubstr("nothing is left"));
  EXPECT_THAT(error({"backup", "--exclude", "[a"}, kConfigured).message, HasSubstr("--exclude: "));
  EXPECT_THAT(
      error({"backup"}, {{"DB_HOST", "h"}, {"DB_PORT", "0"}, {"LIBRARY_PATH", "/x"}}).message,
      HasSubstr("DB_PORT in the environment: '0'"));
}

TEST(VerifyJob, TakesASampleOrAll)
{
  EXPECT_EQ(verify_job(settings({"verify", "--sample", "7"}))->sample, 7U);
  EXPECT_EQ(verify_job(settings({"verify"}, {{"VERIFY_SAMPLE_SIZE", "0"}}))->sample, std::nullopt);
  EXPECT_TRUE(verify_job(settings({"verify", "--all"}))->all);
  EXPECT_FALSE(verify_job(settings({"verify", "--sample", "some"})));
}

TEST(RestoreJob, NeedsATarget)
{
  const Timestamp now = *parse_timestamp("2026-01-15T03:00:00Z");
  EXPECT_THAT(restore_job(settings({"restore"}), {}, now).error().hint, HasSubstr("--target"));
  const Result<RestoreJob> job = restore_job(
      settings({"restore", "--target", "/t", "--at", "1d", "--overwrite", "if-different"}),
      {"*.jpg"}, now);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->target, "/t");
  EXPECT_THAT(job->patterns, ElementsAre("*.jpg"));
  EXPECT_EQ(job->at, *parse_timestamp("2026-01-14T03:00:00Z"));
  EXPECT_EQ(job->overwrite, Overwrite::if_different);
  EXPECT_EQ(restore_job(settings({"restore", "--target", "/t"}), {}, now)->overwrite, std::nullopt);
  EXPECT_EQ(
      restore_job(settings({"restore", "--target", "/t", "--overwrite", "sometimes"}), {}, now)
          .error()
          .message,
      "--overwrite: 'sometimes' is not one of never, if-different, always");
  EXPECT_FALSE(restore_job(settings({"restore", "--target", "/t"}), {"[a"}, now));
}

TEST(DatabaseRestoreJob, NeedsADatabase)
{
  const Timestamp now{};
  const Error error = database_restore_job(settings({"restore-database"}), now).error();
  EXPECT_EQ(error.code, Errc::invalid);
  EXPECT_FALSE(error.hint.contains("--no-database"));
  const auto job = database_restore_job(
      settings({"restore-database", "--dump", "database/x.sql.gz"}, {{"DB_HOST", "h"}}), now);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->dump, "database/x.sql.gz");
}

TEST(LsJob, RefusesABadPattern)
{
  EXPECT_FALSE(ls_job(settings({"ls"}), {""}, {}));
  EXPECT_TRUE(ls_job(settings({"ls"}), {"/upload/"}, {}));
}

TEST(Warnings, TellOfPasswordsThatEverybodyCanRead)
{
  const auto warnings = [](const std::vector<std::string>& words) {
    return warnings_about(*parse_command_line("immich-backup", words));
  };
  EXPECT_THAT(warnings({"backup", "--db-url", "postgresql://u:s3cret@h/n"}),
              ElementsAre(HasSubstr("--db-url")));
  EXPECT_THAT(
      warnings({"backup", "--env", "DB_PASSWORD=s3cret"}),
      ElementsAre(testing::AllOf(HasSubstr("DB_PASSWORD"), testing::Not(HasSubstr("s3cret")))));
  EXPECT_THAT(warnings({"backup", "--db-url", "postgresql://u@h/n", "--env", "DB_PORT=1"}),
              ElementsAre());
}

TEST(DoctorJobTest, LeavesOutWhatIsNotSet)
{
  const auto nothing = [](const char*) { return std::optional<std::string>(); };
  const DoctorJob empty = doctor_job(settings({"doctor"}), nothing);
  EXPECT_FALSE(empty.store_url);
  EXPECT_FALSE(empty.library);
  EXPECT_EQ(empty.database.value(), std::nullopt);
  const DoctorJob job = doctor_job(settings({"doctor", "--store", "gs://b1", "--scratch", "/s"},
                                            {{"LIBRARY_PATH", "/srv"}, {"DB_HOSTNAME", "db"}}),
                                   nothing);
  EXPECT_EQ(job.store_url, "gs://b1");
  EXPECT_EQ(job.library, "/srv");
  EXPECT_EQ(job.scratch_parent, "/s");
  EXPECT_EQ(job.database.value()->address.host, "db");
}

TEST(DoctorJobTest, CarriesSettingsThatCannotBeUnderstoodToTheReport)
{
  const DoctorJob job = doctor_job(settings({"doctor"}, {{"DB_URL", "mysql://db"}}),
                                   [](const char*) { return std::optional<std::string>(); });
  ASSERT_FALSE(job.database);
  EXPECT_EQ(job.database.error().code, Errc::invalid);
}

TEST(BandwidthSettings, ComeFromEverywhere)
{
  const auto noon = std::chrono::hours(12);
  const auto rate = [&](const Settings& s) {
    return bandwidth_timetable(s).value().value().rate_at(noon);
  };
  constexpr std::uint64_t kTwo = 2 * 1024 * 1024;
  EXPECT_FALSE(bandwidth_timetable(settings({"backup"})).value().has_value());
  EXPECT_EQ(rate(settings({"backup", "--bwlimit", "2M"})), kTwo);
  EXPECT_EQ(rate(settings({"restore"}, {{"IMMICH_BACKUP_BWLIMIT", "08:00,2M 23:00,off"}})), kTwo);
  EXPECT_EQ(rate(settings({"verify"}, {}, "bwlimit = \"2M\"")), kTwo);
  const auto bad = bandwidth_timetable(settings({"backup"}, {{"IMMICH_BACKUP_BWLIMIT", "2X"}}));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "IMMICH_BACKUP_BWLIMIT in the environment: '2X' is not a rate");
}

TEST(TimeZoneSettings, TakeTzOnlyWhereTheTimeOfTheDayMatters)
{
  const auto zone = [](const Settings& s, bool needed) {
    const Setting* setting = time_zone(s, needed);
    return setting == nullptr ? "" : setting->values.front();
  };
  const Settings tz = settings({"backup"}, {{"TZ", "Europe/Berlin"}});
  EXPECT_EQ(zone(tz, true), "Europe/Berlin");
  EXPECT_EQ(zone(tz, false), "");
  const Settings own =
      settings({"backup"}, {{"TZ", "Europe/Berlin"}, {"IMMICH_BACKUP_TIMEZONE", "Asia/Tokyo"}});
  EXPECT_EQ(zone(own, true), "Asia/Tokyo");
  EXPECT_EQ(zone(own, false), "Asia/Tokyo");
  EXPECT_EQ(zone(settings({"backup", "--timezone", "UTC"}), false), "UTC");
  EXPECT_EQ(zone(settings({"backup"}), true), "");
}

TEST(HistoryJob, NeedsAPath)
{
  EXPECT_EQ(history_job({}).error().code, Errc::invalid);
  EXPECT_EQ(history_job({""}).error().code, Errc::invalid);
  EXPECT_THAT(history_job({"/a"})->paths, ElementsAre("/a"));
}

TEST(FindJob, TakesNamesOrFilesOrDigests)
{
  const std::string digest(64, 'A');
  EXPECT_THAT(find_job(settings({"find"}), {"x", "*.y"})->names, ElementsAre("x", "*.y"));
  EXPECT_THAT(find_job(settings({"find", "--content"}), {"/stick"})->files, ElementsAre("/stick"));
  EXPECT_EQ(
      find_job(settings({"find", "--sha256", digest, "--sha256", digest}), {})->sha256s.size(), 2U);
  EXPECT_EQ(find_job(settings({"find", "--sha1", digest.substr(24)}), {})->sha1s.size(), 1U);
}

TEST(FindJob, RefusesWhatCannotBeMeant)
{
  const std::string digest(64, 'a');
  EXPECT_FALSE(find_job(settings({"find"}), {}));
  EXPECT_FALSE(find_job(settings({"find"}), {""}));
  EXPECT_FALSE(find_job(settings({"find", "--content"}), {}));
  EXPECT_FALSE(find_job(settings({"find", "--sha256", digest}), {"x"}));
  EXPECT_FALSE(find_job(settings({"find", "--sha256", digest, "--content"}), {"x"}));
  EXPECT_THAT(find_job(settings({"find", "--sha1", digest}), {}).error().message,
              HasSubstr("40 hexadecimal digits"));
}

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

TEST(RestoreCommand, RepeatsWhatTheCommandLineSaysOfTheStore)
{
  EXPECT_EQ(restore_command_of(*parse_command_line("immich-backup", {"history", "/a"})),
            "immich-backup restore");
  EXPECT_EQ(restore_command_of(*parse_command_line(
                "immich-backup", {"history", "/a", "--store", "file:///my disk"})),
            "immich-backup restore --store 'file:///my disk'");
}

TEST(BackupJob, TakesExtraRootsFromEverywhere)
{
  const std::vector<std::string> words{"backup", "--no-database", "--library", "/l"};
  std::vector<std::string> with = words;
  with.insert(with.end(), {"--extra-root", "a=/x,y", "--extra-root", "b=/z"});
  const Result<BackupJob> job = backup_job(settings(with));
  ASSERT_TRUE(job) << job.error().message;
  ASSERT_EQ(job->extra_roots.size(), 2U);
  EXPECT_EQ(job->extra_roots[0].folder, "/x,y");
  EXPECT_EQ(job->extra_roots[1].name, "b");
  EXPECT_EQ(
      backup_job(settings(words, {{"IMMICH_BACKUP_EXTRA_ROOT", "a=/x,b=/y"}}))->extra_roots.size(),
      2U);
  EXPECT_EQ(
      backup_job(settings(words, {}, "extra-root = ['a=/x,y', 'b=/z']"))->extra_roots[0].folder,
      "/x,y");
  EXPECT_THAT(backup_job(settings(words, {{"IMMICH_BACKUP_EXTRA_ROOT", "/mnt"}})).error().message,
              HasSubstr("IMMICH_BACKUP_EXTRA_ROOT in the environment: '/mnt' is not NAME=DIR"));
}

}  // namespace
}  // namespace ib
