// SPDX-License-Identifier: Apache-2.0
#include "postgres/meta_commands.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <string>

namespace ib::test {
namespace {

/// The line that is not allowed, however the dump is cut into pieces; 0 if there is none.
std::uint64_t found_in(std::string_view dump)
{
  std::optional<std::uint64_t> first;
  for (const std::size_t piece : {dump.size() + 1, std::size_t{1}, std::size_t{7}}) {
    MetaCommandCheck check;
    for (std::size_t at = 0; at < dump.size(); at += piece)
      check.update(bytes_of(dump.substr(at, piece)));
    check.finish();
    const std::uint64_t found = check.found().value_or(0);
    if (!first) first = found;
    EXPECT_EQ(found, *first) << "in pieces of " << piece;
  }
  return *first;
}

TEST(MetaCommandCheck, AllowsWhatPgDumpWrites)
{
  EXPECT_EQ(found_in("--\n\\restrict aB3\n\nCREATE TABLE t (a text);\nCOPY public.t (a) FROM "
                     "stdin;\none\\ntwo `three`\\tfour\\\\five\n\\N\n\\.\n\n\\unrestrict aB3\n"),
            0U);
  EXPECT_EQ(found_in(""), 0U);
}

TEST(MetaCommandCheck, FindsWhateverPsqlWouldDoBesideSendingSql)
{
  EXPECT_EQ(found_in("SELECT 1;\n\\! touch /tmp/x\n"), 2U);
  EXPECT_EQ(found_in("SELECT 1 \\g | touch /tmp/x\n"), 1U);
  EXPECT_EQ(found_in("SELECT 1;\n\\copy t FROM PROGRAM 'id'\n"), 2U);
  EXPECT_EQ(found_in("\\connect other\n"), 1U);
  EXPECT_EQ(found_in("/*\nCOPY x FROM stdin;\n*/ select 1; \\! touch /tmp/x\n\\.\n"), 3U)
      << "data only in our eyes";
  EXPECT_EQ(found_in("/*\nCOPY x FROM stdin;\n*/ select 1; \\t `touch /tmp/x`\n\\.\n"), 3U)
      << "an escape of data, and a command that runs its argument";
  EXPECT_EQ(found_in("\\restrict a\n\\unrestrict a\n\\restrict b\n"), 3U) << "a second pair";
  EXPECT_EQ(found_in("\\restrict a\n\\unrestrict b\n"), 2U);
  EXPECT_EQ(found_in("\\unrestrict a\n"), 1U);
  EXPECT_EQ(found_in("\\restrict `id`\n"), 1U);
  EXPECT_EQ(found_in("\\restrict " + std::string(5000, 'a') + "\n"), 1U);
  EXPECT_EQ(found_in("SELECT 1\\\n"), 1U);
  EXPECT_EQ(found_in("SELECT 1\\"), 1U);
  EXPECT_EQ(found_in("\\! id"), 1U) << "without a newline";
}

}  // namespace
}  // namespace ib::test
