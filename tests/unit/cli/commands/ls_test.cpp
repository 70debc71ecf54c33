// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/ls.hpp"

#include "support/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(LsJob, RefusesABadPattern)
{
  EXPECT_FALSE(ls_job(settings({"ls"}), {""}, {}));
  EXPECT_TRUE(ls_job(settings({"ls"}), {"/upload/"}, {}));
}

TEST(LsJob, ListsTheLibrarysOwnFilesIfAsked)
{
  EXPECT_FALSE(ls_job(settings({"ls"}), {}, {})->as_in_library);
  EXPECT_TRUE(ls_job(settings({"ls", "--as-in-library"}), {}, {})->as_in_library);
}

}  // namespace
}  // namespace ib::test
