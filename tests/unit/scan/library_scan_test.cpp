// SPDX-License-Identifier: Apache-2.0
#include "scan/library_scan.hpp"

#include "core/planning/scan_item.hpp"
#include "scan/library.hpp"
#include "support/builders.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>
#include <algorithm>
#include <map>

namespace ib::test {
namespace {

struct Scanned {
  std::vector<std::string> items;  ///< paths of files, and "?" + prefix of uncertain folders
  std::vector<SourceFile> files;
  std::vector<std::pair<std::string, std::string>> problems;  ///< path, code
  std::vector<std::string> notes;
  LeftOut left_out;
};

struct What {
  std::vector<std::string> include = {"**"};
  std::vector<std::string> exclude = {};
  std::vector<std::string> marked = {};
  /// Called after each item.
  std::function<void(const std::string& path)> meanwhile = {};
};

Result<Scanned> scan(const std::string& root, const What& what = {})
{
  Scanned scanned;
  const Library library = TRY(Library::open(root));
  LibraryScan walk(
      library,
      {.scope = Scope(TRY(parse_patterns(what.include)), TRY(parse_patterns(what.exclude))),
       .marked_folders = what.marked,
       .marker = ".immich",
       .problem =
           [&](Problem problem) { scanned.problems.emplace_back(problem.path, problem.code); },
       .note = [&](std::string note) { scanned.notes.push_back(std::move(note)); }});
  while (std::optional<ScanItem> item = TRY(walk.next())) {
    if (const auto* file = std::get_if<SourceFile>(&*item)) {
      scanned.items.push_back(file->path);
      scanned.files.push_back(*file);
    } else {
      scanned.items.push_back("?" + std::get<UncertainFolder>(*item).prefix);
    }
    if (what.meanwhile) what.meanwhile(scanned.items.back());
  }
  scanned.left_out = walk.left_out();
  return scanned;
}

TEST(LibraryScans, FindFilesWithSizeAndTime)
{
  const TempDir dir;
  dir.write_file("upload/a.jpg", "12345", 1'500'000'000'123'456'789);
  const Scanned scanned = must(scan(dir.path()));
  ASSERT_EQ(scanned.files.size(), 1U);
  EXPECT_EQ(scanned.files[0].path, "/upload/a.jpg");
  EXPECT_EQ(scanned.files[0].size, 5U);
  EXPECT_EQ(scanned.files[0].mtime_ns, 1'500'000'000'123'456'789);
}

TEST(LibraryScans, AreInTheByteOrderOfWholePaths)
{
  const TempDir dir;
  const std::vector<std::string> names = {
      "a", "a.b", "a-b", "a0", "A", "b", " ", "\xFF", "\xC3\xBC", "with\nnewline", "-", "z\x01"};
  std::mt19937 random(1);
  std::vector<std::string> expected;
  for (int i = 0; i < 200; ++i) {
    std::string path = "top";
    const std::size_t depth = 1 + random() % 4;
    for (std::size_t k = 0; k < depth; ++k) path += "/" + names[random() % names.size()];
    try {
      if (dir.exists(path)) continue;
      dir.write_file(path, "x");
      expected.push_back("/" + path);
    } catch (const std::exception&) {
      continue;  // a file where a folder is needed
    }
  }
  dir.write_file("top/x/a/1", "x");
  dir.write_file("top/x/a-b", "x");
  dir.write_file("top/x/a.b/1", "x");
  dir.write_file("top/x/a0", "x");
  for (const char* path : {"/top/x/a/1", "/top/x/a-b", "/top/x/a.b/1", "/top/x/a0"})
    expected.emplace_back(path);
  std::ranges::sort(expected);
  const Scanned scanned = must(scan(dir.path()));
  EXPECT_EQ(scanned.items, expected);
  EXPECT_GT(expected.size(), 50U);
  EXPECT_THAT(scanned.problems, IsEmpty());
}

TEST(LibraryScans, NameAnUnreadableFolderAndCallNothingInItGone)
{
  const TempDir dir;
  dir.write_file("upload/closed/a", "x");
  dir.write_file("upload/open/a", "x");
  dir.write_file("upload/listable/a", "x");
  ASSERT_EQ(::chmod(dir.file("upload/closed").c_str(), 0000), 0);
  ASSERT_EQ(::chmod(dir.file("upload/listable").c_str(), 0444), 0);  // names, but no files
  Scanned scanned;
  {
    const WithoutRoot permissions_count;
    scanned = must(scan(dir.path()));
  }
  ASSERT_EQ(::chmod(dir.file("upload/closed").c_str(), 0755), 0);
  ASSERT_EQ(::chmod(dir.file("upload/listable").c_str(), 0755), 0);
  EXPECT_THAT(scanned.items,
              ElementsAre("?/upload/closed/", "?/upload/listable/", "/upload/open/a"));
  EXPECT_THAT(scanned.problems, ElementsAre(Pair("/upload/closed/", "folder_unreadable"),
                                            Pair("/upload/listable/", "folder_unreadable")));
}

TEST(LibraryScans, NameAnUnreadableTopFolder)
{
  const TempDir dir;
  dir.write_file("library/a", "x");
  dir.write_file("upload/a", "x");
  ASSERT_EQ(::chmod(dir.file("upload").c_str(), 0000), 0);
  Scanned scanned;
  {
    const WithoutRoot permissions_count;
    scanned = must(scan(dir.path(), {.marked = {"upload"}}));
  }
  ASSERT_EQ(::chmod(dir.file("upload").c_str(), 0755), 0);
  EXPECT_THAT(scanned.items, ElementsAre("/library/a", "?/upload/"));
  EXPECT_THAT(scanned.problems, ElementsAre(Pair("/upload/", "folder_unreadable")));
}

TEST(LibraryScans, TrustNoAbsenceInAFolderWithoutItsMarker)
{
  const TempDir dir;
  dir.write_file("library/.immich", "");
  dir.write_file("library/a", "x");
  dir.write_file("upload/a", "x");
  dir.write_file("other/a", "x");
  const Scanned scanned = must(scan(dir.path(), {.marked = {"library", "upload", "profile"}}));
  EXPECT_THAT(scanned.items,
              ElementsAre("/library/a", "/other/a", "?/profile/", "?/upload/", "/upload/a"));
  EXPECT_THAT(scanned.problems, IsEmpty());
  EXPECT_THAT(scanned.notes,
              ElementsAre(HasSubstr("profile/ is absent"), HasSubstr("upload/ has no .immich")));
}

TEST(LibraryScans, SayNothingOfAMissingFolderThatIsNotCovered)
{
  const TempDir dir;
  dir.write_file("library/.immich", "");
  dir.write_file("library/a", "x");
  const Scanned scanned =
      must(scan(dir.path(), {.include = {"/library/"}, .marked = {"library", "thumbs"}}));
  EXPECT_THAT(scanned.items, ElementsAre("/library/a"));
  EXPECT_THAT(scanned.left_out.top_folders, IsEmpty());
}

TEST(LibraryScans, NameWhatIsNeitherFileNorFolder)
{
  const TempDir dir;
  dir.write_file("upload/z", "x");
  dir.make_symlink("upload/dangling", "nowhere");
  dir.make_symlink("upload/link", "z");
  dir.make_symlink("upload/folder-link", "..");
  dir.make_fifo("upload/fifo");
  dir.make_socket("upload/socket");
  const Scanned scanned = must(scan(dir.path()));
  EXPECT_THAT(scanned.items,
              ElementsAre("?/upload/dangling", "?/upload/fifo", "?/upload/folder-link",
                          "?/upload/link", "?/upload/socket", "/upload/z"));
  EXPECT_THAT(scanned.problems, UnorderedElementsAre(Pair("/upload/dangling", "symlink"),
                                                     Pair("/upload/link", "symlink"),
                                                     Pair("/upload/folder-link", "symlink"),
                                                     Pair("/upload/fifo", "special_file"),
                                                     Pair("/upload/socket", "special_file")));
}

TEST(LibraryScans, LeaveExcludedOddFilesInPeace)
{
  const TempDir dir;
  dir.write_file("upload/a", "x");
  dir.make_symlink("upload/link", "a");
  const Scanned scanned = must(scan(dir.path(), {.exclude = {"link"}}));
  EXPECT_THAT(scanned.items, ElementsAre("/upload/a"));
  EXPECT_THAT(scanned.problems, IsEmpty());
  EXPECT_THAT(scanned.left_out.files, ElementsAre(Pair("upload/", 1U)));
}

TEST(LibraryScans, FollowALinkThatIsATopFolder)
{
  const TempDir disk;
  disk.write_file("photos/a", "x");
  disk.write_file("photos/sub/b", "x");
  const TempDir dir;
  dir.make_symlink("library", disk.file("photos"));
  dir.make_symlink("gone", disk.file("unplugged"));
  dir.write_file("library-2/c", "x");
  const Scanned scanned = must(scan(dir.path()));
  EXPECT_THAT(scanned.items,
              ElementsAre("?/gone/", "/library-2/c", "/library/a", "/library/sub/b"));
  EXPECT_THAT(scanned.problems, ElementsAre(Pair("/gone/", "folder_unreadable")));
}

TEST(LibraryScans, TakeAMarkedFolderWhoseLinkDanglesForMissing)
{
  const TempDir dir;
  dir.make_symlink("upload", "/nonexistent/disk");
  dir.write_file("library/a", "x");
  dir.write_file("upload-2/a", "x");
  const Scanned scanned = must(
      scan(dir.path(), {.include = {"/upload/", "/upload-2/", "/library/"}, .marked = {"upload"}}));
  EXPECT_THAT(scanned.items, ElementsAre("/library/a", "/upload-2/a", "?/upload/"))
      << "in order, and once";
}

TEST(LibraryScans, LeaveOutWhatTheScopeDoesNotCover)
{
  const TempDir dir;
  dir.write_file("upload/a.jpg", "x");
  dir.write_file("upload/a.tmp", "x");
  dir.write_file("thumbs/t.webp", "x");
  dir.write_file("encoded-video/v.mp4", "x");
  dir.write_file("readme", "x");
  const Scanned scanned = must(
      scan(dir.path(), {.include = {"/*/"}, .exclude = {"/thumbs/", "/encoded-video/", "*.tmp"}}));
  EXPECT_THAT(scanned.items, ElementsAre("/upload/a.jpg"));
  EXPECT_THAT(scanned.left_out.top_folders, ElementsAre("encoded-video/", "thumbs/"));
  EXPECT_THAT(scanned.left_out.files, ElementsAre(Pair("", 1U), Pair("upload/", 1U)));
  EXPECT_THAT(scanned.problems, IsEmpty());
}

TEST(LibraryScans, PassOverWhatVanishesMeanwhile)
{
  const TempDir dir;
  for (const char* path : {"upload/a", "upload/b", "upload/c/1", "upload/d"})
    dir.write_file(path, "x");
  const Scanned scanned = must(scan(dir.path(), {.meanwhile = [&](const std::string& path) {
                                      if (path != "/upload/a") return;
                                      dir.remove("upload/b");
                                      dir.remove("upload/c");
                                    }}));
  EXPECT_THAT(scanned.items, ElementsAre("/upload/a", "/upload/d"));
  EXPECT_THAT(scanned.problems, IsEmpty());
}

TEST(LibraryScans, NameAFolderThatBecameALinkMeanwhile)
{
  const TempDir outside;
  outside.write_file("1", "secret");
  const TempDir dir;
  dir.write_file("upload/a", "x");
  dir.write_file("upload/c/1", "x");
  const Scanned scanned = must(scan(dir.path(), {.meanwhile = [&](const std::string& path) {
                                      if (path != "/upload/a") return;
                                      dir.remove("upload/c");
                                      dir.make_symlink("upload/c", outside.path());
                                    }}));
  EXPECT_THAT(scanned.items, ElementsAre("/upload/a", "?/upload/c/"));
  EXPECT_THAT(scanned.problems, ElementsAre(Pair("/upload/c/", "folder_unreadable")));
}

TEST(LibraryScans, NeedALibrary)
{
  const TempDir dir;
  EXPECT_TRUE(fails_with(Errc::invalid, scan(dir.file("none"))));
  dir.write_file("file", "x");
  EXPECT_TRUE(fails_with(Errc::invalid, scan(dir.file("file"))));
  EXPECT_TRUE(fails_with(Errc::invalid, scan(dir.path()))) << "a folder without folders";
  dir.make_folder("thumbs");
  const Result<Scanned> wrong = scan(dir.path(), {.include = {"/upload/"}, .marked = {"upload"}});
  ASSERT_TRUE(fails_with(Errc::invalid, wrong));
  EXPECT_THAT(wrong.error().hint, HasSubstr("mounted"));
  dir.make_folder("upload");
  EXPECT_THAT(must(scan(dir.path(), {.include = {"/upload/"}})).items, IsEmpty());
}

}  // namespace
}  // namespace ib::test
