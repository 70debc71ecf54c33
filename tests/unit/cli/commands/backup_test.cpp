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

TEST(BackupJob, AcceptsAnEditOfOneContentAtOnePath)
{
  const std::string digest(64, 'a');
  const auto job = [](const std::vector<std::string>& edits) {
    std::vector<std::string> words{"backup"};
    for (const std::string& edit : edits) words.insert(words.end(), {"--accept-edit", edit});
    return backup_job(settings(words, kConfigured));
  };
  EXPECT_THAT(job({})->accepted_edits, IsEmpty());
  const Result<BackupJob> two =
      job({"/upload/a=b.jpg=" + digest, "/upload/c.jpg=" + std::string(64, 'B')});
  ASSERT_TRUE(ok(two));
  ASSERT_THAT(two->accepted_edits, SizeIs(2));
  EXPECT_EQ(two->accepted_edits[0].path, "/upload/a=b.jpg");
  EXPECT_EQ(two->accepted_edits[0].sha256.hex(), digest);
  EXPECT_EQ(two->accepted_edits[1].path, "/upload/c.jpg");
  EXPECT_TRUE(accepts_edit(*two, "/upload/a=b.jpg", two->accepted_edits[0].sha256));
  EXPECT_FALSE(accepts_edit(*two, "/upload/c.jpg", two->accepted_edits[0].sha256))
      << "another's content";
  EXPECT_FALSE(accepts_edit(*two, "/upload/a=b.jpg", {})) << "it was edited again";
  for (const std::string& edit : {std::string("/upload/a.jpg"), "/upload/a.jpg=" + digest.substr(1),
                                  "/upload/a.jpg=" + digest + "0", "/upload/a.jpg=sha256:" + digest,
                                  "upload/a.jpg=" + digest, "=" + digest, digest, std::string()}) {
    const Result<BackupJob> refused = job({edit});
    ASSERT_TRUE(fails_with(Errc::invalid, refused)) << edit;
    EXPECT_THAT(refused.error().message, HasSubstr("is not PATH=SHA256"));
  }
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
  EXPECT_THAT(backup_job(settings(words, {{"IMMICH_BACKUP_EXTRA_ROOT", "a=/x=/e,b=/y=/e/"}}))
                  .error()
                  .message,
              HasSubstr("a and b are both said to be Immich's /e"));
  EXPECT_THAT(backup_job(settings(words, {{"IMMICH_BACKUP_EXTRA_ROOT", "/mnt"}})).error().message,
              HasSubstr("IMMICH_BACKUP_EXTRA_ROOT in the environment: '/mnt' is not NAME=DIR"));
}

}  // namespace
}  // namespace ib::test
