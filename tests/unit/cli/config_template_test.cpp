// SPDX-License-Identifier: Apache-2.0
#include "cli/config_template.hpp"

#include "cli/commands/all.hpp"
#include "cli/config_file.hpp"
#include "support/matchers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

namespace ib::test {
namespace {

std::string without_comment_marks(const std::string& text)
{
  std::istringstream lines(text);
  std::string settings;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#") && !line.starts_with("# ")) settings += line.substr(1) + "\n";
  }
  return settings;
}

TEST(ConfigTemplate, SetsNothing)
{
  const Result<ConfigValues> values = parse_config(config_template(), "template");
  ASSERT_TRUE(values) << values.error().message;
  EXPECT_TRUE(values->empty());
}

TEST(ConfigTemplate, HasEveryOptionInTheFormThatAConfigFileTakes)
{
  const Result<ConfigValues> values =
      parse_config(without_comment_marks(config_template()), "template");
  ASSERT_TRUE(values) << values.error().message;
  std::set<std::string> wanted, found;
  for (const Option& option : all_options()) {
    if (!option.command_line_only && option.name != "config") wanted.emplace(option.name);
  }
  for (const auto& [name, value] : *values) found.insert(name);
  EXPECT_EQ(found, wanted);
}

TEST(ConfigTemplate, FitsATerminal)
{
  std::istringstream lines(config_template());
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

}  // namespace
}  // namespace ib::test
