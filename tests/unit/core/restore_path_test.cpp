// SPDX-License-Identifier: Apache-2.0
#include "core/names/restore_path.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

TEST(RestorePath, IsThePathWithoutItsSlash)
{
  for (const char* path : {"/a", "/upload/2024/a.jpg", "/@external/nas/a", "/a\nb", "/\xFF", "/...",
                           "/.hidden", "/a/..b"}) {
    const Result<std::string> restored = restore_path(path);
    ASSERT_TRUE(ok(restored));
    EXPECT_EQ("/" + *restored, path);
  }
}

TEST(RestorePath, NeverLeadsOutOfTheTarget)
{
  for (const std::string& path :
       {std::string(), std::string("/"), std::string("a"), std::string("../a"),
        std::string("/../a"), std::string("/a/.."), std::string("/a/../../b"), std::string("//a"),
        std::string("/a//b"), std::string("/a/"), std::string("/."), std::string("/a/./b"),
        std::string("/a\0b", 4), std::string("/..")}) {
    EXPECT_TRUE(fails_with(Errc::invalid, restore_path(path))) << path;
  }
}

}  // namespace
}  // namespace ib::test
