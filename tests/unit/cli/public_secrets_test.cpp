// SPDX-License-Identifier: Apache-2.0
#include "cli/public_secrets.hpp"

#include "support/matchers.hpp"
#include "support/settings.hpp"

namespace ib::test {
namespace {

TEST(Warnings, TellOfPasswordsThatEverybodyCanRead)
{
  const auto warnings = [](const std::vector<std::string>& words) {
    return warnings_about(*parse_command_line("immich-backup", words));
  };
  EXPECT_THAT(warnings({"backup", "--db-url", "postgresql://u:s3cret@h/n"}),
              ElementsAre(HasSubstr("--db-url")));
  EXPECT_THAT(warnings({"backup", "--env", "DB_PASSWORD=s3cret"}),
              ElementsAre(AllOf(HasSubstr("DB_PASSWORD"), Not(HasSubstr("s3cret")))));
  EXPECT_THAT(warnings({"backup", "--db-url", "postgresql://u@h/n", "--env", "DB_PORT=1"}),
              ElementsAre());
}

}  // namespace
}  // namespace ib::test
