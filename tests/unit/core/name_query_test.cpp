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
