// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.hpp"

#include "cli/commands/all.hpp"
#include "support/matchers.hpp"
#include "support/settings.hpp"

namespace ib::test {
namespace {

TEST(Settings, PreferTheCommandLineThenTheEnvironmentThenTheFile)
{
  const Variables variables{{"LIBRARY_PATH", "/environment"}};
  const std::string toml = "library = \"/file\"\n";
  EXPECT_EQ(settings({"backup", "--library", "/line"}, variables, toml).text("library"), "/line");
  EXPECT_EQ(settings({"backup"}, variables, toml).text("library"), "/environment");
  EXPECT_EQ(settings({"backup"}, {}, toml).text("library"), "/file");
  EXPECT_EQ(settings({"backup"}).text("library"), std::nullopt);
}

TEST(Settings, TakeAnEmptyVariableForAbsent)
{
  EXPECT_EQ(
      settings({"backup"}, {{"IMMICH_BACKUP_LIBRARY", ""}, {"LIBRARY_PATH", "/x"}}).text("library"),
      "/x");
  EXPECT_EQ(settings({"backup"}, {{"LIBRARY_PATH", ""}}, "library = \"/file\"").text("library"),
            "/file");
}

TEST(Settings, KnowTheNamesThatPeopleHaveSet)
{
  struct Alias {
    const char* variable;
    const char* option;
  };
  for (const Alias& alias :
       {Alias{"LIBRARY_PATH", "library"}, Alias{"IMMICH_BACKUP_STORE", "store"},
        Alias{"IMMICH_VERSION", "immich-version"}, Alias{"UPLOAD_WORKERS", "workers"},
        Alias{"DB_URL", "db-url"}, Alias{"DB_HOSTNAME", "db-host"}, Alias{"DB_HOST", "db-host"},
        Alias{"DB_PORT", "db-port"}, Alias{"DB_USERNAME", "db-user"}, Alias{"DB_USER", "db-user"},
        Alias{"DB_PASSWORD", "db-password"}, Alias{"DB_DATABASE_NAME", "db-name"},
        Alias{"DB_NAME", "db-name"}, Alias{"DB_PASSWORD_FILE", "db-password-file"},
        Alias{"IMMICH_BACKUP_PG_BIN", "pg-bin"},
        Alias{"IMMICH_BACKUP_IGNORE_MANIFEST", "ignore-manifest"}}) {
    EXPECT_EQ(settings({"backup"}, {{alias.variable, "7"}}).text(alias.option), "7")
        << alias.variable;
  }
  EXPECT_EQ(settings({"verify"}, {{"VERIFY_SAMPLE_SIZE", "7"}}).text("sample"), "7");
}

TEST(Settings, PreferTheirOwnNameToTheOthers)
{
  const Variables variables{{"IMMICH_BACKUP_DB_HOST", "a"}, {"DB_HOSTNAME", "b"}, {"DB_HOST", "c"}};
  EXPECT_EQ(settings({"backup"}, variables).text("db-host"), "a");
  EXPECT_EQ(settings({"backup"}, {{"DB_HOSTNAME", "b"}, {"DB_HOST", "c"}}).text("db-host"), "b");
}

TEST(Settings, GiveEveryOptionAName)
{
  for (const Option& option : all_options()) {
    const std::vector<std::string> names = environment_names(option);
    if (option.command_line_only) {
      EXPECT_TRUE(names.empty());
      continue;
    }
    ASSERT_FALSE(names.empty());
    EXPECT_TRUE(names.front().starts_with("IMMICH_BACKUP_"));
    EXPECT_EQ(names.front().find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), std::string::npos)
        << names.front();
  }
}

TEST(Settings, TakeListsFromEverywhere)
{
  EXPECT_THAT(settings({"backup", "--exclude", "a,b", "--exclude", "c"}).list("exclude"),
              ElementsAre("a,b", "c"));
  EXPECT_THAT(settings({"backup"}, {{"IMMICH_BACKUP_EXCLUDE", "a,,b,"}}).list("exclude"),
              ElementsAre("a", "b"));
  EXPECT_THAT(settings({"backup"}, {}, "exclude = [\"a,b\", \"c\"]").list("exclude"),
              ElementsAre("a,b", "c"));
  EXPECT_THAT(settings({"backup"}, {}, "exclude = \"a\"").list("exclude"), ElementsAre("a"));
  EXPECT_THAT(settings({"backup"}, {}, "exclude = []").list("exclude"), ElementsAre());
}

TEST(Settings, SayWhereABadValueCameFrom)
{
  const auto message = [](const Settings& s) {
    const auto number = s.number("workers", 1, 256);
    return number ? "" : number.error().message;
  };
  EXPECT_EQ(message(settings({"backup", "--workers", "abc"})), "--workers: 'abc' is not a number");
  EXPECT_EQ(message(settings({"backup"}, {{"UPLOAD_WORKERS", "abc"}})),
            "UPLOAD_WORKERS in the environment: 'abc' is not a number");
  EXPECT_EQ(message(settings({"backup"}, {}, "\n\nworkers = \"4x\"\n")),
            "immich.toml:3: workers: '4x' is not a number");
  EXPECT_EQ(message(settings({"backup"}, {}, "workers = 0")),
            "immich.toml:1: workers: '0' is not between 1 and 256");
  EXPECT_EQ(message(settings({"backup", "--workers=-1"})), "--workers: '-1' is not a number");
  EXPECT_EQ(message(settings({"backup", "--workers", "99999999999999999999999"})),
            "--workers: '99999999999999999999999' is not between 1 and 256");
  EXPECT_EQ(message(settings({"backup", "--workers=\x1b[2J"})),
            "--workers: '\\x1b[2J' is not a number");
  EXPECT_EQ(settings({"backup"}, {}, "workers = 8").number("workers", 1, 256).value(), 8U);
}

TEST(Settings, ReadFlagsFromEverywhere)
{
  EXPECT_TRUE(settings({"backup", "--quiet"}).flag("quiet").value());
  EXPECT_TRUE(settings({"backup"}, {{"IMMICH_BACKUP_QUIET", "yes"}}).flag("quiet").value());
  EXPECT_FALSE(
      settings({"backup"}, {{"IMMICH_BACKUP_QUIET", "0"}}, "quiet = true").flag("quiet").value());
  EXPECT_TRUE(settings({"backup"}, {}, "quiet = true").flag("quiet").value());
  EXPECT_FALSE(settings({"backup"}).flag("quiet").value());
  EXPECT_EQ(settings({"backup"}, {{"IMMICH_BACKUP_QUIET", "maybe"}}).flag("quiet").error().message,
            "IMMICH_BACKUP_QUIET in the environment: 'maybe' is neither true nor false");
}

TEST(Settings, PassOverWhatAnotherCommandTakes)
{
  EXPECT_EQ(settings({"verify"}, {{"LIBRARY_PATH", "/x"}}, "target = \"/t\"").find("library"),
            nullptr);
}

TEST(Settings, UnderstandPointsInTime)
{
  const Timestamp now = *parse_timestamp("2026-01-15T03:00:00Z");
  EXPECT_EQ(settings({"ls", "--at", "1d"}).point_in_time("at", now).value(),
            *parse_timestamp("2026-01-14T03:00:00Z"));
  EXPECT_EQ(settings({"ls"}).point_in_time("at", now).value(), std::nullopt);
  EXPECT_TRUE(settings({"ls", "--at", "soon"})
                  .point_in_time("at", now)
                  .error()
                  .message.starts_with("--at: "));
  EXPECT_TRUE(settings({"ls"}, {{"IMMICH_BACKUP_AT", "soon"}})
                  .point_in_time("at", now)
                  .error()
                  .message.starts_with("IMMICH_BACKUP_AT in the environment: "));
}

TEST(Settings, OfTwoConfigFilesTheFirstThatSetsAnOptionDecides)
{
  const CommandLine line = *parse_command_line("immich-backup", {"backup"});
  const std::vector<ConfigFile> files{
      {.path = "/home/a/config.toml", .values = *parse_config("library = \"/theirs\"", "a")},
      {.path = "/etc/config.toml",
       .values = *parse_config("library = \"/ours\"\nworkers = 7", "b")}};
  const Settings settings = Settings::collect(line, lookup({}), files);
  EXPECT_EQ(settings.text("library"), "/theirs");
  EXPECT_EQ(settings.find("library")->file, "/home/a/config.toml");
  EXPECT_EQ(settings.text("workers"), "7");
  EXPECT_EQ(settings.find("workers")->name, "/etc/config.toml:2: workers");
}

TEST(Settings, NameAVariableThatIsNoSetting)
{
  EXPECT_THAT(warnings_about_names({{"IMMICH_BACKUP_STOER", "file:///x"}}),
              ElementsAre("IMMICH_BACKUP_STOER in the environment is no setting, and is ignored. "
                          "Did you mean IMMICH_BACKUP_STORE?"));
  EXPECT_THAT(warnings_about_names({{"IMMICH_BACKUP_STORE", "file:///x"},
                                    {"IMMICH_BACKUP_DB_PASSWORD", "x"},
                                    {"IMMICH_BACKUP_CONFIG", "/x"}}),
              ElementsAre());
}

TEST(Settings, KnowWhatKubernetesSetsForAServiceOfThisName)
{
  EXPECT_THAT(warnings_about_names({{"IMMICH_BACKUP_SERVICE_HOST", "10.0.0.1"},
                                    {"IMMICH_BACKUP_SERVICE_PORT", "80"},
                                    {"IMMICH_BACKUP_PORT", "tcp://10.0.0.1:80"},
                                    {"IMMICH_BACKUP_PORT_80_TCP_ADDR", "10.0.0.1"},
                                    {"IMMICH_BACKUP_TOOLS_SERVICE_HOST", "10.0.0.1"}}),
              ElementsAre());
  EXPECT_THAT(warnings_about_names({{"IMMICH_BACKUP_DATABASE_PORT", "5433"}}), SizeIs(1));
}

}  // namespace
}  // namespace ib::test
