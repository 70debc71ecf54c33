// SPDX-License-Identifier: Apache-2.0
#include "core/names/extra_root.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

TEST(ExtraRoots, AreANameAndAFolder)
{
  const ExtraRoot root = must(parse_extra_root("photos=/mnt/a=b c"));
  EXPECT_EQ(root.name, "photos");
  EXPECT_EQ(root.folder, "/mnt/a=b c");
  EXPECT_EQ(extra_root_prefix(root.name), "/@external/photos/");
}

TEST(ExtraRoots, MayHaveAnotherPathInImmich)
{
  struct Row {
    const char* text;
    const char* folder;
    const char* path;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"a=/mnt/photos=/libraries/photos", "/mnt/photos", "/libraries/photos"},
           {"a=/mnt/photos=/libraries//photos/./", "/mnt/photos", "/libraries/photos"},
           {"a=photos=/x", "photos", "/x"},
           {"a=/mnt/b=c=/x=y", "/mnt/b=c", "/x=y"},
       }) {
    const ExtraRoot root = must(parse_extra_root(row.text));
    EXPECT_EQ(root.folder, row.folder) << row.text;
    EXPECT_THAT(root.in_immich, ElementsAre(ImmichFolder{.path = row.path, .below = ""}))
        << row.text;
  }
  EXPECT_THAT(must(parse_extra_root("a=/mnt/photos")).in_immich, IsEmpty());
  for (const std::string text : {"a=/mnt=/", "a=/mnt=/.", "a=/mnt=/x/../y", "a==/x"})
    EXPECT_TRUE(fails_with(Errc::invalid, parse_extra_root(text))) << text;
}

TEST(ExtraRoots, HaveNamesThatMakeAPath)
{
  const std::string longest(64, 'x');
  for (const std::string& name : std::vector<std::string>{"a", "A-b_c.9", "2021", longest})
    EXPECT_TRUE(ok(parse_extra_root(name + "=/x"))) << name;
  for (const std::string& name :
       std::vector<std::string>{"", ".", "..", ".x", "-x", "_x", "a/b", "a b", "a*", "a[b",
                                "gr\xC3\xBC", "a\n", longest + "x"})
    EXPECT_TRUE(fails_with(Errc::invalid, parse_extra_root(name + "=/x"))) << name;
}

TEST(ExtraRoots, NeedBoth)
{
  for (const std::string text : {"", "photos", "photos=", "=/x"})
    EXPECT_TRUE(fails_with(Errc::invalid, parse_extra_root(text))) << text;
  EXPECT_THAT(parse_extra_root("/mnt/photos").error().hint, HasSubstr("photos=/mnt/photos"));
}

TEST(ExtraRoots, AreKnownByTheirPaths)
{
  EXPECT_EQ(extra_root_of("/@external/photos/a/b.jpg"), "photos");
  EXPECT_EQ(extra_root_of("/@external/photos/"), "photos");
  EXPECT_EQ(extra_root_of("/@external/photos"), "photos");
  EXPECT_EQ(extra_root_of("/@externals/photos/a"), std::nullopt);
  EXPECT_EQ(extra_root_of("/upload/@external/photos/a"), std::nullopt);
}

}  // namespace
}  // namespace ib::test
