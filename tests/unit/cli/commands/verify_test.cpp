// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/verify.hpp"

#include "support/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(VerifyJob, TakesASampleOrAll)
{
  EXPECT_EQ(verify_job(settings({"verify", "--sample", "7"}))->sample, 7U);
  EXPECT_EQ(verify_job(settings({"verify"}, {{"VERIFY_SAMPLE_SIZE", "0"}}))->sample, std::nullopt);
  EXPECT_TRUE(verify_job(settings({"verify", "--all"}))->all);
  EXPECT_FALSE(verify_job(settings({"verify", "--sample", "some"})));
}

}  // namespace
}  // namespace ib::test
