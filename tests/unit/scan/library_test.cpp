// SPDX-License-Identifier: Apache-2.0
#include "scan/library.hpp"

#include "support/builders.hpp"
#include "support/temp_dir.hpp"

namespace ib::test {
namespace {

TEST(Libraries, OpenFilesBelowTheirRootOnly)
{
  const TempDir disk;
  disk.write_file("photos/a", "on the disk");
  const TempDir dir;
  dir.write_file("upload/sub/a", "plain");
  dir.write_file("top", "at the top");
  dir.make_symlink("library", disk.file("photos"));
  dir.make_symlink("upload/link", disk.file("photos"));
  const Library library = must(Library::open(dir.path()));
  for (const char* path : {"/upload/sub/a", "/top", "/library/a"})
    EXPECT_TRUE(ok(library.open_file(path))) << path;
  for (const char* path : {"/upload/link/a", "/../etc/passwd", "/upload/../../etc/passwd",
                           "/none/a", "/upload/none", "/upload"}) {
    EXPECT_FALSE(library.open_file(path)) << path;
  }
}

TEST(LibrariesWithExtraRoots, OpenTheirFiles)
{
  const TempDir dir;
  dir.write_file("library/upload/a.jpg", "a");
  dir.write_file("a/b/c.jpg", "extra");
  const Library library =
      must(Library::open(dir.file("library"), {{.name = "a", .folder = dir.file("a")},
                                               {.name = "none", .folder = dir.file("none")}}));
  EXPECT_EQ(must(must(library.open_file("/@external/a/b/c.jpg")).stat()).size, 5U);
  EXPECT_TRUE(fails_with(Errc::not_found, library.open_file("/@external/none/x")));
  EXPECT_TRUE(fails_with(Errc::not_found, library.open_file("/@external/other/x")));
  EXPECT_TRUE(ok(library.open_file("/upload/a.jpg")));
}

TEST(LibrariesWithExtraRoots, RefuseRootsThatLieInEachOther)
{
  const TempDir dir;
  for (const char* folder : {"library/upload/x", "disk/top", "ext/sub", "ext-2"})
    dir.make_folder(folder);
  dir.make_symlink("library/linked", dir.file("disk/top"));
  dir.make_symlink("alias", dir.file("library"));
  const auto open = [&](const std::vector<std::string>& folders) {
    std::vector<ExtraRoot> roots;
    for (const std::string& folder : folders)
      roots.push_back({.name = "r" + std::to_string(roots.size()), .folder = dir.file(folder)});
    return Library::open(dir.file("library"), roots);
  };
  EXPECT_TRUE(ok(open({"ext", "ext-2"})));
  for (const std::vector<std::string>& folders : {std::vector<std::string>{"library"},
                                                  {"library/upload/x"},
                                                  {""},
                                                  {"alias"},
                                                  {"disk"},
                                                  {"disk/top"},
                                                  {"ext", "ext/sub"},
                                                  {"ext/sub", "ext"},
                                                  {"ext", "ext"}}) {
    const auto library = open(folders);
    ASSERT_TRUE(fails_with(Errc::invalid, library)) << folders.front();
    EXPECT_THAT(library.error().message, testing::AnyOf(HasSubstr(": one lies in the other"),
                                                        HasSubstr(" are the same folder")));
  }
}

TEST(LibrariesWithExtraRoots, RefuseTwoOfOneNameAndTheBackupItself)
{
  const TempDir dir;
  for (const char* folder : {"library/upload", "a/backup", "b"}) dir.make_folder(folder);
  EXPECT_TRUE(fails_with(
      Errc::invalid, Library::open(dir.file("library"), {{.name = "a", .folder = dir.file("a")},
                                                         {.name = "a", .folder = dir.file("b")}})));
  const Library library =
      must(Library::open(dir.file("library"), {{.name = "a", .folder = dir.file("a")}}));
  EXPECT_TRUE(fails_with(Errc::invalid, library.require_outside(dir.file("a/backup"))));
  EXPECT_TRUE(
      fails_with(Errc::invalid, library.require_outside(dir.file("a/backup/not there yet"))));
  EXPECT_TRUE(ok(library.require_outside(dir.file("b"))));
}

}  // namespace
}  // namespace ib::test
