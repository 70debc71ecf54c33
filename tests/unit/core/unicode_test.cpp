// SPDX-License-Identifier: Apache-2.0
#include "core/names/unicode.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

TEST(Unicode, ComposesWhatAMacWritesApart)
{
  EXPECT_EQ(composed("gru\u0308n"), "gr\u00FCn");
  EXPECT_EQ(composed("gr\u00FCn"), "gr\u00FCn");
  EXPECT_EQ(composed("\u1112\u1161\u11AB"), "\uD55C") << "Hangul";
  EXPECT_EQ(composed("a\u0323\u0307"), composed("a\u0307\u0323")) << "the order of marks";
  EXPECT_EQ(composed("Grun"), "Grun");
}

TEST(Unicode, FoldsCaseInAnyScript)
{
  EXPECT_TRUE(read_the_same("GR\u00DCN", "gru\u0308n"));
  EXPECT_TRUE(read_the_same("\u041C\u041E\u0420\u0415", "\u043C\u043E\u0440\u0435"));
  EXPECT_TRUE(read_the_same("\u039F\u0394\u039F\u03A3", "\u03BF\u03B4\u03BF\u03C2"));
  EXPECT_TRUE(read_the_same("Stra\u00DFe", "STRASSE"));
  EXPECT_TRUE(read_the_same("9.41\u202FAM", "9.41 am"));
  EXPECT_FALSE(read_the_same("gr\u00FCn", "grun"));
  EXPECT_FALSE(read_the_same("a", "\u0430")) << "another script's letter";
}

TEST(Unicode, KeepsBytesThatAreNotUtf8)
{
  EXPECT_EQ(composed("\xFFu\u0308\xCC"), "\xFF\u00FC\xCC");
  EXPECT_EQ(folded("\xFFU\u0308\xCC"), "\xFF\u00FC\xCC");
  const std::string zero("a\0B", 3);
  EXPECT_EQ(folded(zero), std::string("a\0b", 3));
}

TEST(Unicode, MakesNoCharacterThatAPatternReadsAsItsOwn)
{
  EXPECT_EQ(folded("\uFF0F\uFF0A\uFF1F\uFF3B"), "\uFF0F\uFF0A\uFF1F\uFF3B");
}

TEST(Unicode, LeavesATextThatIsNoPathAlone)
{
  std::string marks = "a";
  while (marks.size() < 1U << 20U) marks += "\u0301\u0323";
  EXPECT_EQ(composed(marks), marks);
}

}  // namespace
}  // namespace ib::test
