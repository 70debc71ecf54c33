// SPDX-License-Identifier: Apache-2.0
#include "cli/public_secrets.hpp"

#include "support/matchers.hpp"
#include "support/settings.hpp"

#include "support/sample_library.hpp"
#include "sys/file.hpp"

#include <filesystem>

namespace ib::test {
namespace {

TEST(Warnings, TellOfPasswordsThatEverybodyCanRead)
{
  const auto warnings = [](const std::vector<std::string>& words) {
    return warnings_about(*parse_command_line("immich-backup", words), {});
  };
  EXPECT_THAT(warnings({"backup", "--db-url", "postgresql://u:s3cret@h/n"}),
              ElementsAre(HasSubstr("--db-url")));
  EXPECT_THAT(warnings({"backup", "--env", "DB_PASSWORD=s3cret"}),
              ElementsAre(AllOf(HasSubstr("DB_PASSWORD"), Not(HasSubstr("s3cret")))));
  EXPECT_THAT(warnings({"backup", "--env", "IMMICH_BACKUP_MAIL_PASSWORD=s3cret"}),
              ElementsAre(AllOf(HasSubstr("MAIL_PASSWORD"), Not(HasSubstr("s3cret")))));
  EXPECT_THAT(warnings({"backup", "--db-url", "postgresql://u@h/n", "--env", "DB_PORT=1"}),
              ElementsAre());
}

TEST(Warnings, TellOfAPasswordInAConfigFileThatEverybodyCanRead)
{
  const ScratchFolder folder = must(ScratchFolder::create(""));
  const std::string file = folder.file("immich.toml");
  const auto warnings = [&](const std::string& toml, std::filesystem::perms permissions) {
    put_file(file, toml);
    std::filesystem::permissions(file, permissions);
    const CommandLine line = *parse_command_line("immich-backup", {"backup", "--config", file});
    std::vector<std::string> found = warnings_about(line, must(load_settings(line)));
    std::filesystem::remove(file);
    return found;
  };
  constexpr auto kOpen = static_cast<std::filesystem::perms>(0644);
  constexpr auto kPrivate = static_cast<std::filesystem::perms>(0640);
  EXPECT_THAT(warnings("workers = 2\ndb-password = \"s3cret\"\n", kOpen),
              ElementsAre(AllOf(HasSubstr("immich.toml:2"), Not(HasSubstr("s3cret")))));
  EXPECT_THAT(warnings("mail-password = \"s3cret\"\n", kOpen),
              ElementsAre(AllOf(HasSubstr("mail-password"), Not(HasSubstr("s3cret")))));
  EXPECT_THAT(warnings("db-url = \"postgresql://u:s3cret@h/n\"\n", kOpen),
              ElementsAre(HasSubstr("chmod o-r")));
  EXPECT_THAT(warnings("db-url = \"postgresql://u@h/n\"\n", kOpen), ElementsAre());
  EXPECT_THAT(warnings("db-password = \"s3cret\"\n", kPrivate), ElementsAre());
}

}  // namespace
}  // namespace ib::test
