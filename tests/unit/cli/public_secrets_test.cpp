// SPDX-License-Identifier: Apache-2.0
#include "cli/public_secrets.hpp"

#include "support/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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

}  // namespace
}  // namespace ib::test
