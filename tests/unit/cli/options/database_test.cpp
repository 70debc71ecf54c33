// SPDX-License-Identifier: Apache-2.0
#include "cli/options/database.hpp"

#include "support/matchers.hpp"
#include "support/settings.hpp"
#include "sys/file.hpp"

#include <fstream>

namespace ib::test {
namespace {

DatabaseAddress address(const std::vector<std::string>& words, const Variables& variables,
                        const std::string& toml = "")
{
  const Result<std::optional<DatabaseSettings>> database =
      database_settings(settings(words, variables, toml));
  EXPECT_TRUE(database) << database.error().message;
  return database && *database ? (**database).address : DatabaseAddress{};
}

TEST(DatabaseSettings, AreAbsentWhereNobodyNamesADatabase)
{
  EXPECT_EQ(
      database_settings(settings({"backup"}, {{"DB_PASSWORD", "x"}, {"DB_USERNAME", "y"}})).value(),
      std::nullopt);
}

TEST(DatabaseSettings, HaveImmichsDefaults)
{
  const DatabaseAddress a = address({"backup"}, {{"DB_HOSTNAME", "db"}, {"DB_PASSWORD", "p"}});
  EXPECT_EQ(describe(a), "immich on db:5432 as postgres");
  EXPECT_EQ(a.password, "p");
  const DatabaseAddress b = address(
      {"backup"}, {{"DB_HOST", "db"}, {"DB_PORT", "6"}, {"DB_USER", "u"}, {"DB_NAME", "n"}});
  EXPECT_EQ(describe(b), "n on db:6 as u");
}

TEST(DatabaseSettings, TakeTheUrlBeforeThePartsAsImmichDoes)
{
  const Variables variables{
      {"DB_URL", "postgresql://u:p@urlhost:6/n"}, {"DB_HOSTNAME", "db"}, {"DB_PASSWORD", "other"}};
  EXPECT_EQ(describe(address({"backup"}, variables)), "n on urlhost:6 as u");
  EXPECT_EQ(address({"backup"}, variables).password, "p");
}

TEST(DatabaseSettings, LetAPartFromAStrongerSourceCorrectTheUrl)
{
  const Variables variables{{"DB_URL", "postgresql://u:p@urlhost:6/n"}};
  EXPECT_EQ(describe(address({"backup", "--db-host", "near"}, variables)), "n on near:6 as u");
  EXPECT_EQ(describe(address({"backup"}, {{"DB_HOSTNAME", "near"}},
                             "db-url = \"postgresql://u@urlhost:6/n\"")),
            "n on near:6 as u");
}

TEST(DatabaseSettings, TakeThePasswordFromElsewhereIfTheUrlHasNone)
{
  EXPECT_EQ(address({"backup", "--db-url", "postgresql://u@h/n"}, {{"DB_PASSWORD", "p"}}).password,
            "p");
  EXPECT_EQ(address({"backup"}, {{"DB_HOST", "h"}}, "db-password = \"p\"").password, "p");
}

class PasswordFile : public testing::Test {
protected:
  void SetUp() override { std::ofstream(path_) << "from file\r\n"; }
  ScratchFolder scratch_ = *ScratchFolder::create("");
  std::string path_ = scratch_.file("password");
};

TEST_F(PasswordFile, IsReadWithoutItsLineEnd)
{
  EXPECT_EQ(
      address({"backup", "--db-password-file", path_}, {{"DB_HOST", "h"}, {"DB_PASSWORD", "p"}})
          .password,
      "from file");
  EXPECT_EQ(address({"backup"}, {{"DB_HOST", "h"}, {"DB_PASSWORD_FILE", path_}}).password,
            "from file");
  EXPECT_EQ(
      address({"backup"}, {{"DB_HOST", "h"}, {"DB_PASSWORD", "p"}, {"DB_PASSWORD_FILE", path_}})
          .password,
      "p");
}

TEST_F(PasswordFile, ThatIsMissingOrEmptyIsAnError)
{
  const auto error = [&] {
    return database_settings(settings({"backup"}, {{"DB_HOST", "h"}, {"DB_PASSWORD_FILE", path_}}))
        .error();
  };
  std::ofstream(path_, std::ios::trunc) << "\n";
  EXPECT_EQ(error().code, Errc::invalid);
  path_ = scratch_.file("nowhere");
  EXPECT_EQ(error().code, Errc::invalid);
  EXPECT_THAT(error().message, HasSubstr("DB_PASSWORD_FILE in the environment: "));
}

TEST(DatabaseSettings, NeverRepeatSecretsInErrors)
{
  for (const Variables& variables :
       {Variables{{"DB_URL", "mysql://u:s3cret@h/n"}},
        Variables{{"DB_URL", "postgresql://u:s3cret@h:port/n"}}, Variables{{"DB_URL", "s3cret"}},
        Variables{{"DB_HOST", "h"}, {"DB_PORT", "x"}, {"DB_PASSWORD", "s3cret"}}}) {
    const auto database = database_settings(settings({"backup"}, variables));
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, Errc::invalid);
    EXPECT_FALSE((database.error().message + database.error().hint).contains("s3cret"))
        << database.error().message;
  }
}

}  // namespace
}  // namespace ib::test
