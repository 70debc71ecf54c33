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

TEST(DatabaseSettings, PassOverAPortThatAServiceOfTheClusterHasInjected)
{
  const Variables injected{{"DB_PORT", "tcp://10.96.0.12:5432"}, {"DB_HOSTNAME", "db"}};
  EXPECT_EQ(address({"backup"}, injected).port, "5432");
  EXPECT_EQ(address({"backup"},
                    {{"DB_PORT", "tcp://10.96.0.12:5432"}, {"DB_URL", "postgresql://u@h:6/d"}})
                .port,
            "6");
  EXPECT_FALSE(database_settings(settings({"backup"}, {{"DB_PORT", "x"}, {"DB_HOSTNAME", "db"}})));
}

TEST(DatabaseSettings, TakeImmichsSslMode)
{
  const DatabaseAddress checked =
      address({"backup"}, {{"DB_HOSTNAME", "db"}, {"DB_SSL_MODE", "verify-full"}});
  EXPECT_EQ(parameter(checked, "sslmode"), "verify-full");
  EXPECT_EQ(parameter(address({"backup"}, {{"DB_URL", "postgresql://u@h/d?sslmode=require"},
                                           {"DB_SSL_MODE", "disable"}}),
                      "sslmode"),
            "require")
      << "the URL comes first, as in Immich";
  EXPECT_FALSE(
      database_settings(settings({"backup"}, {{"DB_HOSTNAME", "db"}, {"DB_SSL_MODE", "perhaps"}})));
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

DatabaseAddress drill_address(const std::vector<std::string>& words, const Variables& variables,
                              const std::string& toml = "")
{
  const Result<std::optional<DatabaseSettings>> database =
      drill_database_settings(settings(words, variables, toml));
  EXPECT_TRUE(ok(database));
  return database && *database ? (**database).address : DatabaseAddress{};
}

TEST(DrillDatabaseSettings, AreNeverImmichsOwn)
{
  const Variables immichs{{"DB_URL", "postgresql://u:p@live/immich"},
                          {"DB_HOSTNAME", "live"},
                          {"DB_HOST", "live"},
                          {"DB_PORT", "6"},
                          {"DB_USERNAME", "u"},
                          {"DB_PASSWORD", "p"},
                          {"DB_PASSWORD_FILE", "/nowhere"},
                          {"DB_DATABASE_NAME", "immich"}};
  EXPECT_EQ(drill_database_settings(settings({"verify-restore"}, immichs)).value(), std::nullopt);
  Variables both = immichs;
  both["DRILL_DB_HOSTNAME"] = "drill";
  const DatabaseAddress address = drill_address({"verify-restore"}, both);
  EXPECT_EQ(describe(address), "postgres on drill:5432 as postgres");
  EXPECT_EQ(address.password, "") << "it is the live server's";
}

TEST(DrillDatabaseSettings, HaveNamesOfTheirOwn)
{
  EXPECT_EQ(describe(drill_address({"verify-restore", "--drill-db", "postgresql://u@h:6/n"}, {})),
            "n on h:6 as u");
  EXPECT_EQ(
      drill_address({"verify-restore"}, {{"DRILL_DB_URL", "postgresql://u:p@h:6/n"}}).password,
      "p");
  EXPECT_EQ(describe(drill_address({"verify-restore"}, {},
                                   "drill-db-host = \"h\"\ndrill-db-user = \"u\"")),
            "postgres on h:5432 as u");
  const DatabaseAddress parts =
      drill_address({"verify-restore"}, {{"DRILL_DB_HOSTNAME", "h"},
                                         {"DRILL_DB_PORT", "6"},
                                         {"DRILL_DB_USERNAME", "u"},
                                         {"DRILL_DB_PASSWORD", "p"},
                                         {"DRILL_DB_DATABASE_NAME", "n"}});
  EXPECT_EQ(describe(parts), "n on h:6 as u");
  EXPECT_EQ(parts.password, "p");
  EXPECT_EQ(
      drill_database_settings(settings({"verify-restore"}, {{"DRILL_DB_PASSWORD", "p"}})).value(),
      std::nullopt);
}

TEST(DrillDatabaseSettings, NeverRepeatSecretsInErrors)
{
  const auto database = drill_database_settings(
      settings({"verify-restore"}, {{"DRILL_DB_URL", "mysql://u:s3cret@h/n"}}));
  ASSERT_TRUE(fails_with(Errc::invalid, database));
  EXPECT_THAT(database.error().message, HasSubstr("DRILL_DB_URL in the environment: "));
  EXPECT_FALSE((database.error().message + database.error().hint).contains("s3cret"));
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

TEST_F(PasswordFile, OfADrillIsReadLikewise)
{
  EXPECT_EQ(drill_address({"verify-restore"},
                          {{"DRILL_DB_HOSTNAME", "h"}, {"DRILL_DB_PASSWORD_FILE", path_}})
                .password,
            "from file");
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
