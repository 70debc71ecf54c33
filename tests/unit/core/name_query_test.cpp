// SPDX-License-Identifier: Apache-2.0
#include "core/selection/name_query.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

TEST(NameQueries, FindAPartOfAPathWhateverTheCase)
{
  EXPECT_TRUE(NameQuery("dsc01").matches("/library/2021/DSC01003.jpg"));
  EXPECT_TRUE(NameQuery("2021/DSC").matches("/library/2021/dsc01003.jpg"));
  EXPECT_FALSE(NameQuery("dsc02").matches("/library/2021/DSC01003.jpg"));
  EXPECT_TRUE(NameQuery("\xC3\xBC").matches("/gr\xC3\xBC.jpg"));
}

TEST(NameQueries, FindWhatReadsTheSameInAnyScript)
{
  EXPECT_TRUE(NameQuery("gr\u00FCn").matches("/Gru\u0308n.jpg"));
  EXPECT_TRUE(NameQuery("GRU\u0308N").matches("/gr\u00FCn.jpg"));
  EXPECT_TRUE(NameQuery("\u043C\u043E\u0440\u0435*").matches("/\u041C\u041E\u0420\u0415 1.jpg"));
  EXPECT_TRUE(NameQuery("STRASSE").matches("/Hauptstra\u00DFe.jpg"));
  EXPECT_TRUE(NameQuery("at 9.41 AM").matches("/Screenshot at 9.41\u202FAM.png"));
  EXPECT_FALSE(NameQuery("grun").matches("/gr\u00FCn.jpg"));
}

TEST(NameQueries, TakeBytesThatAreNotUtf8AsTheyAre)
{
  EXPECT_TRUE(NameQuery("gr\xFCn").matches("/Gr\xFCN.jpg"));
  EXPECT_FALSE(NameQuery("gr\xFCn").matches("/gr\u00FCn.jpg"));
  EXPECT_TRUE(NameQuery("\u00FC\xFF").matches("/u\u0308\xFF.jpg"));
}

TEST(NameQueries, TakeAPatternWhateverTheCase)
{
  EXPECT_TRUE(NameQuery("*.heic").matches("/upload/IMG.HEIC"));
  EXPECT_TRUE(NameQuery("/Upload/**/img_?.*").matches("/upload/a/b/IMG_1.jpg"));
  EXPECT_FALSE(NameQuery("*.heic").matches("/upload/heic.jpg"));
}

TEST(NameQueries, TakeABracketWithoutItsEndAsItIs)
{
  EXPECT_TRUE(NameQuery("[x").matches("/upload/a [x.jpg"));
  EXPECT_FALSE(NameQuery("[x").matches("/upload/x.jpg"));
}

}  // namespace
}  // namespace ib::test
