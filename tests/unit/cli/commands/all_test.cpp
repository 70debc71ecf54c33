// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/all.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace ib::test {
namespace {

TEST(Options, AreFoundByName)
{
  EXPECT_EQ(find_option("nonsense"), nullptr);
  EXPECT_EQ(find_command("nonsense"), nullptr);
  for (const Command& command : all_commands()) EXPECT_EQ(find_command(command.name), &command);
}

TEST(Options, DifferInTheirHelpAloneBetweenCommands)
{
  for (const Command& command : all_commands()) {
    std::set<std::string_view> names;
    for (const Option& option : command.options) {
      EXPECT_TRUE(names.insert(option.name).second)
          << command.name << " has --" << option.name << " twice";
      const Option& first = *find_option(option.name);
      EXPECT_EQ(option.metavar, first.metavar) << option.name;
      EXPECT_EQ(option.environment, first.environment) << option.name;
      EXPECT_EQ(option.repeatable, first.repeatable) << option.name;
      EXPECT_EQ(option.secret, first.secret) << option.name;
      EXPECT_EQ(option.command_line_only, first.command_line_only) << option.name;
      EXPECT_EQ(option.choices, first.choices) << option.name;
    }
  }
}

TEST(Options, SayWhatTheyDoInEachCommand)
{
  const auto help = [](std::string_view command, std::string_view option) {
    return find_command(command)->find_option(option)->help;
  };
  EXPECT_NE(help("verify", "sample"), help("verify-restore", "sample"));
  EXPECT_NE(help("verify", "budget"), help("restore", "budget"));
  EXPECT_NE(help("heal", "yes"), help("prune", "yes"));
  EXPECT_NE(help("ls", "at"), help("restore", "at"));
}

TEST(Commands, AreCalledByOneNameOnly)
{
  std::set<std::string_view> names;
  for (const Command& command : all_commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    for (const std::string_view alias : command.aliases)
      EXPECT_TRUE(names.insert(alias).second) << alias;
  }
}

TEST(Commands, KeepTheirOldNamesAndWhatTheFormatsCallThem)
{
  const Command* const restore_points = find_command("snapshots");
  ASSERT_NE(restore_points, nullptr);
  EXPECT_EQ(restore_points->name, "restore-points");
  EXPECT_EQ(restore_points->formats_name(), "snapshots");
  EXPECT_EQ(find_command("backup")->formats_name(), "backup");
}

}  // namespace
}  // namespace ib::test
