// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.hpp"

#include "cli/commands/all.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>

namespace ib::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// As roff writes a hyphen that may be copied.
std::string escaped(std::string text)
{
  for (std::size_t at = text.find('-'); at != text.npos; at = text.find('-', at + 2))
    text.insert(at, "\\");
  return text;
}

TEST(ManualPages, HaveEveryOptionOfTheirCommand)
{
  for (const Command& command : all_commands()) {
    const std::string page = manual_page(command);
    EXPECT_THAT(page, HasSubstr(escaped("immich-backup-" + std::string(command.name))));
    for (const Option& option : command.options)
      EXPECT_THAT(page, HasSubstr(escaped((option.secret ? "" : "--") + std::string(option.name))));
  }
}

TEST(ManualPages, ListEveryCommand)
{
  for (const Command& command : all_commands())
    EXPECT_THAT(manual_page(),
                HasSubstr(escaped("immich-backup-" + std::string(command.name)) + "\\fR(1)"));
}

TEST(ManualPages, HaveNoLineThatRoffTakesForAMacroOfOurs)
{
  for (const Command& command : all_commands()) {
    const std::string page = manual_page(command);
    for (std::size_t at = 0; at != page.npos; at = page.find('\n', at)) {
      if (at > 0) ++at;
      const std::string line = page.substr(at, page.find('\n', at) - at);
      const bool is_ours = line.starts_with(".TH ") || line.starts_with(".SH ") || line == ".TP" ||
                           line == ".PP" || line == ".br";
      EXPECT_TRUE(is_ours || !line.starts_with('.')) << line;
      EXPECT_FALSE(line.starts_with('\'')) << line;
    }
    EXPECT_THAT(page, Not(HasSubstr("  "))) << command.name << ": white space is one space";
  }
}

}  // namespace
}  // namespace ib::test
