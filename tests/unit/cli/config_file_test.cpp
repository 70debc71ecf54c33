// SPDX-License-Identifier: Apache-2.0
#include "cli/config_file.hpp"

#include "support/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(Config, RefusesWhatNoOptionTakes)
{
  struct Case {
    const char* toml;
    const char* message;
  };
  for (const Case& c :
       {Case{"store = \"x\"\nlibrray = \"/x\"", "immich.toml:2: there is no option 'librray'"},
        Case{"[backup]\nlibrary = \"/x\"", "immich.toml:1: there is no option 'backup'"},
        Case{"env = \"A=B\"", "immich.toml:1: there is no option 'env'"},
        Case{"config = \"x\"", "immich.toml:1: there is no option 'config'"},
        Case{"quiet = \"yes\"", "immich.toml:1: quiet is true or false"},
        Case{"library = [\"/a\"]", "immich.toml:1: library takes one text or number"},
        Case{"library = true", "immich.toml:1: library takes one text or number"},
        Case{"exclude = [1.5]", "immich.toml:1: exclude takes a list of texts"},
        Case{"exclude = 2026-01-15", "immich.toml:1: exclude takes a text or a list of texts"}}) {
    const Result<ConfigValues> config = parse_config(c.toml, "immich.toml");
    ASSERT_FALSE(config) << c.toml;
    EXPECT_EQ(config.error().code, Errc::invalid);
    EXPECT_EQ(config.error().message, c.message);
  }
  EXPECT_EQ(parse_config("librray = 1", "f").error().hint, "Did you mean library?");
}

TEST(Config, NeverRepeatsAPassword)
{
  for (const char* toml :
       {"db-password = s3cret", "db-password = 's3cret", "db-password = \"s3cret\" x",
        "db-password = [\"s3cret\"]", "db-password s3cret", "db-password = \"s3cret\\q\"",
        "db-password = {a = \"s3cret\"}", "db-password = s3cret\n", "db-password = \"\"\"s3cret",
        "db-password = 1s3cret", "db-password = \"s3cret\"\ndb-password = \"s3cret\""}) {
    const Result<ConfigValues> config = parse_config(toml, "immich.toml");
    ASSERT_FALSE(config) << toml;
    EXPECT_FALSE((config.error().message + config.error().hint).contains("s3cret"))
        << config.error().message;
    EXPECT_TRUE(config.error().message.starts_with("immich.toml:")) << config.error().message;
  }
}

}  // namespace
}  // namespace ib::test
