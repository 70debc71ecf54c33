// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/restore_database.hpp"

#include "support/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

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

}  // namespace
}  // namespace ib::test
