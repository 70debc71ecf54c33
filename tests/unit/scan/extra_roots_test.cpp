// SPDX-License-Identifier: Apache-2.0
#include "scan/library_scan.hpp"

#include "core/planning/scan_item.hpp"
#include "scan/library.hpp"
#include "support/builders.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>
#include <algorithm>

namespace ib::test {
namespace {

struct Scanned {
  std::vector<std::string> items;  ///< paths of files, and "?" + prefix of uncertain folders
  std::vector<std::pair<std::string, std::string>> problems;  ///< path, code
  LeftOut left_out;
};

class ExtraRootScans : public testing::TestWithParam<unsigned> {
protected:
  void SetUp() override { dir_.write_file("library/upload/a.jpg", "a"); }

  std::string media_root() const { return dir_.file("library"); }
  ExtraRoot root(const std::string& name) const
  {
    return {.name = name, .folder = dir_.file(name)};
  }

  Result<Scanned> scan(const std::vector<ExtraRoot>& roots,
                       const std::vector<std::string>& exclude = {},
                       const std::vector<std::string>& include = {"/upload/"}) const
  {
    Scanned scanned;
    const Library library = TRY(Library::open(media_root(), roots));
    LibraryScan walk(
        library,
        {.scope = Scope(TRY(parse_patterns(include)), TRY(parse_patterns(exclude))),
         .marked_folders = {"upload"},
         .marker = ".immich",
         .problem =
             [&](Problem problem) { scanned.problems.emplace_back(problem.path, problem.code); },
         .note = [](const std::string&) {},
         .threads = GetParam(),
         .entries_at_once = 3});
    while (std::optional<ScanItem> item = TRY(walk.next())) {
      const auto* file = std::get_if<SourceFile>(&*item);
      scanned.items.push_back(file != nullptr ? file->path
                                              : "?" + std::get<UncertainFolder>(*item).prefix);
    }
    scanned.left_out = walk.left_out();
    return scanned;
  }

  TempDir dir_;
};

INSTANTIATE_TEST_SUITE_P(Threads, ExtraRootScans, testing::Values(0U, 4U));

TEST_P(ExtraRootScans, SortTheirFilesIntoTheLibrarys)
{
  dir_.write_file("library/1st/b", "b");
  dir_.write_file("library/Zoo/c", "c");
  dir_.write_file("a/x/1.jpg", "1");
  dir_.write_file("a/x.jpg", "2");
  dir_.write_file("a-b/y.jpg", "3");
  const Scanned scanned = must(scan({root("a"), root("a-b")}, {"/upload/"}, {"**"}));
  EXPECT_THAT(scanned.items, ElementsAre("/1st/b", "/@external/a-b/y.jpg", "/@external/a/x.jpg",
                                         "/@external/a/x/1.jpg", "/Zoo/c"));
  EXPECT_TRUE(std::ranges::is_sorted(scanned.items));
  EXPECT_THAT(scanned.problems, IsEmpty());
}

TEST_P(ExtraRootScans, ComeLastWhereTheLibraryEndsBeforeThem)
{
  dir_.write_file("library/1st/b", "b");
  dir_.write_file("a/x.jpg", "2");
  EXPECT_THAT(must(scan({root("a")}, {}, {"/1st/"})).items,
              ElementsAre("/1st/b", "/@external/a/x.jpg"));
}

TEST_P(ExtraRootScans, TakeEverythingThatIsNotExcluded)
{
  for (const char* file : {"a/x.jpg", "a/x.tmp", "a/raw/y.jpg", "a/.immich", "a/b/.immich"})
    dir_.write_file(file, "x");
  EXPECT_THAT(must(scan({root("a")}, {"*.tmp", "/@external/a/raw/"})).items,
              ElementsAre("/@external/a/.immich", "/@external/a/b/.immich", "/@external/a/x.jpg",
                          "?/upload/", "/upload/a.jpg"));
}

TEST_P(ExtraRootScans, AreUncertainWhereTheyAreAbsent)
{
  const Scanned scanned = must(scan({root("none")}));
  EXPECT_THAT(scanned.items, ElementsAre("?/@external/none/", "?/upload/", "/upload/a.jpg"));
  EXPECT_THAT(scanned.problems, ElementsAre(Pair("/@external/none/", "extra_root_unavailable")));
}

TEST_P(ExtraRootScans, AreUncertainWhereTheyAreEmptyAsAMountPointIs)
{
  dir_.make_folder("a");
  dir_.write_file("b/x.jpg", "x");
  const Scanned scanned = must(scan({root("a"), root("b")}));
  EXPECT_THAT(scanned.items,
              ElementsAre("?/@external/a/", "/@external/b/x.jpg", "?/upload/", "/upload/a.jpg"));
  EXPECT_THAT(scanned.problems, ElementsAre(Pair("/@external/a/", "extra_root_unavailable")));
}

TEST_P(ExtraRootScans, AreUncertainWhereTheyCannotBeRead)
{
  dir_.write_file("a/x.jpg", "x");
  ASSERT_EQ(::chmod(dir_.file("a").c_str(), 0), 0);
  Scanned scanned;
  {
    const WithoutRoot permissions_count;
    scanned = must(scan({root("a")}));
  }
  ASSERT_EQ(::chmod(dir_.file("a").c_str(), 0755), 0);
  EXPECT_THAT(scanned.items, ElementsAre("?/@external/a/", "?/upload/", "/upload/a.jpg"));
  EXPECT_THAT(scanned.problems, ElementsAre(Pair("/@external/a/", "extra_root_unavailable")));
}

TEST_P(ExtraRootScans, NameAnUnreadableFolderAndALinkInThem)
{
  dir_.write_file("a/b/x.jpg", "x");
  dir_.make_symlink("a/link", "/nowhere");
  ASSERT_EQ(::chmod(dir_.file("a/b").c_str(), 0), 0);
  Scanned scanned;
  {
    const WithoutRoot permissions_count;
    scanned = must(scan({root("a")}));
  }
  ASSERT_EQ(::chmod(dir_.file("a/b").c_str(), 0755), 0);
  EXPECT_THAT(scanned.items,
              ElementsAre("?/@external/a/b/", "?/@external/a/link", "?/upload/", "/upload/a.jpg"));
  EXPECT_THAT(scanned.problems, ElementsAre(Pair("/@external/a/b/", "folder_unreadable"),
                                            Pair("/@external/a/link", "symlink")));
}

TEST_P(ExtraRootScans, TakeALinkThatIsARoot)
{
  dir_.write_file("disk/x.jpg", "x");
  dir_.make_symlink("a", dir_.file("disk"));
  EXPECT_THAT(must(scan({root("a")})).items,
              ElementsAre("/@external/a/x.jpg", "?/upload/", "/upload/a.jpg"));
}

TEST_P(ExtraRootScans, DeliverALargeRootInParts)
{
  std::vector<std::string> expected;
  for (char c = 'a'; c <= 'k'; ++c) {
    dir_.write_file(std::string("big/") + c, "x");
    expected.push_back(std::string("/@external/big/") + c);
  }
  expected.emplace_back("?/upload/");
  expected.emplace_back("/upload/a.jpg");
  EXPECT_EQ(must(scan({root("big")})).items, expected);
}

TEST_P(ExtraRootScans, LeaveOutAFolderOfTheLibraryThatHasTheirName)
{
  dir_.write_file("library/@external/a/x.jpg", "not this one");
  dir_.write_file("a/y.jpg", "this one");
  for (const bool with_root : {true, false}) {
    const Scanned scanned =
        must(scan(with_root ? std::vector{root("a")} : std::vector<ExtraRoot>(), {}, {"**"}));
    std::vector<std::string> expected{"?/upload/", "/upload/a.jpg"};
    if (with_root) expected.insert(expected.begin(), "/@external/a/y.jpg");
    EXPECT_EQ(scanned.items, expected);
    EXPECT_THAT(scanned.left_out.top_folders, ElementsAre("@external/"));
  }
}

TEST_P(ExtraRootScans, CoverTheRootsThatAreNamedAlone)
{
  const Library library = must(Library::open(media_root(), {root("a")}));
  const LibraryScan walk(library, {.scope = Scope(must(parse_patterns({"/upload/", "*.mp4"})),
                                                  must(parse_patterns({"*.tmp"})))});
  EXPECT_TRUE(walk.covers("/upload/x.jpg"));
  EXPECT_TRUE(walk.covers("/@external/a/x.jpg"));
  EXPECT_TRUE(walk.covers("/@external/a/x.mp4"));
  EXPECT_FALSE(walk.covers("/@external/a/x.tmp"));
  EXPECT_FALSE(walk.covers("/@external/b/x.jpg"));
  EXPECT_FALSE(walk.covers("/@external/b/x.mp4"));
  EXPECT_FALSE(walk.covers("/@external"));
}

}  // namespace
}  // namespace ib::test
