// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/restore.hpp"

#include "support/matchers.hpp"
#include "support/settings.hpp"

namespace ib::test {
namespace {

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

TEST(RestoreJob, BringsTheLibrarysOwnFilesIfAsked)
{
  const auto as_in_library = [](const std::vector<std::string>& words) {
    return must(restore_job(settings(words), {}, {})).as_in_library;
  };
  EXPECT_FALSE(as_in_library({"restore", "--target", "/t"}));
  EXPECT_TRUE(as_in_library({"restore", "--target", "/t", "--as-in-library"}));
}

}  // namespace
}  // namespace ib::test
