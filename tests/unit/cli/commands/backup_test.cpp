// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/backup.hpp"

#include "support/matchers.hpp"
#include "support/settings.hpp"

namespace ib::test {
namespace {

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
              AllOf(HasSubstr("DB_HOSTNAME"), HasSubstr("--no-database")));
  EXPECT_THAT(error({"backup"}, {{"DB_HOST", "h"}}).hint,
              AllOf(HasSubstr("LIBRARY_PATH"), HasSubstr("--no-files")));
  EXPECT_THAT(error({"backup", "--no-files", "--no-database"}, kConfigured).message,
              HasSubstr("nothing is left"));
  EXPECT_THAT(error({"backup", "--exclude", "[a"}, kConfigured).message, HasSubstr("--exclude: "));
  EXPECT_THAT(
      error({"backup"}, {{"DB_HOST", "h"}, {"DB_PORT", "0"}, {"LIBRARY_PATH", "/x"}}).message,
      HasSubstr("DB_PORT in the environment: '0'"));
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
}  // namespace ib::test
