// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/find.hpp"

#include "support/matchers.hpp"
#include "support/settings.hpp"

namespace ib::test {
namespace {

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

}  // namespace
}  // namespace ib::test
