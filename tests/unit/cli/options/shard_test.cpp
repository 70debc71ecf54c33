// SPDX-License-Identifier: Apache-2.0
#include "cli/options/shard.hpp"

#include "cli/commands/backup.hpp"
#include "cli/commands/verify.hpp"
#include "support/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

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

}  // namespace
}  // namespace ib::test
