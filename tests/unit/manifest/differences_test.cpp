// SPDX-License-Identifier: Apache-2.0
#include "manifest/differences.hpp"

#include "core/records/file_record.hpp"
#include "manifest/manifest.hpp"
#include "manifest_fixture.hpp"
#include "support/builders.hpp"
#include "support/temp_dir.hpp"

namespace ib::test {
namespace {

/// "+path", "~path", "-path", ">path<from".
std::vector<std::string> differences(std::vector<FileRecord> before, std::vector<FileRecord> after)
{
  const TempDir dir;
  VectorRecords old(std::move(before));
  VectorRecords now(std::move(after));
  const auto cursor = must(find_differences(old, now, dir.file("spool.db")));
  std::vector<std::string> lines;
  for (const Difference& each : drain(cursor)) {
    constexpr std::string_view kSigns = "+~->";
    std::string line = kSigns[std::to_underlying(each.kind)] + each.path;
    if (each.kind == DifferenceKind::moved) line += "<" + each.moved_from;
    lines.push_back(line);
  }
  return lines;
}

TEST(Differences, AreWhatWasAddedChangedAndGone)
{
  EXPECT_THAT(
      differences(
          {file_record("/a", "same"), file_record("/b", "old"), file_record("/d", "gone")},
          {file_record("/a", "same"), file_record("/b", "new"), file_record("/c", "added")}),
      ElementsAre("~/b", "+/c", "-/d"));
}

TEST(Differences, AreNoneBetweenTheSameFilesOfOtherTimes)
{
  EXPECT_THAT(differences({file_record("/a", "same", 1)}, {file_record("/a", "same", 2)}),
              IsEmpty());
  EXPECT_THAT(differences({}, {}), IsEmpty());
}

TEST(Differences, CallContentMovedThatIsGoneFromOnePathAndNewAtAnother)
{
  EXPECT_THAT(differences({file_record("/z", "content")}, {file_record("/a", "content")}),
              ElementsAre(">/a</z"));
}

TEST(Differences, CallACopyAdded)
{
  EXPECT_THAT(differences({file_record("/a", "content")},
                          {file_record("/a", "content"), file_record("/b", "content")}),
              ElementsAre("+/b"));
}

TEST(Differences, PairEachMoveOnce)
{
  // Two of the same content went, three came: one of them is a copy.
  EXPECT_THAT(differences({file_record("/x1", "c"), file_record("/x2", "c")},
                          {file_record("/a", "c"), file_record("/b", "c"), file_record("/c", "c")}),
              ElementsAre(">/a</x1", ">/b</x2", "+/c"));
  EXPECT_THAT(
      differences({file_record("/a", "c"), file_record("/b", "c")}, {file_record("/x", "c")}),
      ElementsAre("-/b", ">/x</a"));
}

TEST(Differences, KeepSizesAndDigestsOfBothSides)
{
  const TempDir dir;
  VectorRecords old({file_record("/a", "old")});
  VectorRecords now({file_record("/a", "newer")});
  const auto all = drain(must(find_differences(old, now, dir.file("spool.db"))));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].before, (FileVersion{content_of("old").sha256, 3}));
  EXPECT_EQ(all[0].after, (FileVersion{content_of("newer").sha256, 5}));
}

TEST(Differences, TakePathsOfAnyBytes)
{
  EXPECT_THAT(differences({}, {file_record("/a\xff\n'", "x")}), ElementsAre("+/a\xff\n'"));
}

TEST(Differences, FailWhereAStreamFails)
{
  const TempDir dir;
  VectorRecords old({file_record("/a", "x")}, Error{.code = Errc::corrupt, .message = "damaged"});
  VectorRecords now({});
  EXPECT_TRUE(fails_with(Errc::corrupt, find_differences(old, now, dir.file("spool.db"))));
}

class Histories : public testing::Test {
protected:
  void SetUp() override
  {
    write(manifest_, dated("/a", "one", 10));
    write(manifest_, dated("/a", "two", 20));
    write(manifest_, dated("/a", "one", 30));
    write(manifest_, dated("/b", "one", 10));
    write(manifest_, gone(dated("/b", "one", 20)));
  }

  /// "/a 10-20", "/b 20-".
  static std::vector<std::string> intervals(const std::vector<std::vector<PathState>>& paths)
  {
    std::vector<std::string> lines;
    for (const std::vector<PathState>& states : paths) {
      for (const PathState& state : states) {
        lines.push_back(state.record.path + " " + std::to_string(state.since.generation) + "-" +
                        (state.until ? std::to_string(state.until->generation) : ""));
      }
    }
    return lines;
  }

  TempDir dir_;
  Manifest manifest_ = must(Manifest::create(dir_.file("manifest.db")));
};

TEST_F(Histories, HoldEachStateOfEachPathOldestFirst)
{
  EXPECT_THAT(intervals(drain(must(manifest_.histories()))),
              ElementsAre("/a 10-20", "/a 20-30", "/a 30-", "/b 10-20", "/b 20-"));
  EXPECT_EQ(drain(must(manifest_.histories())).size(), 2U);
}

TEST_F(Histories, OfOnePath)
{
  EXPECT_THAT(intervals({must(manifest_.history("/b"))}), ElementsAre("/b 10-20", "/b 20-"));
  EXPECT_THAT(must(manifest_.history("/never")), IsEmpty());
  EXPECT_THAT(must(manifest_.history("/")), IsEmpty());
}

TEST_F(Histories, OfOneContentBeforeAndAfterItIsIndexed)
{
  const Content one = content_of("one");
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(intervals(drain(must(manifest_.states_with(one.sha256)))),
                ElementsAre("/a 10-20", "/a 30-", "/b 10-20", "/b 20-"));
    EXPECT_THAT(intervals(drain(must(manifest_.states_with(content_of("two").sha1)))),
                ElementsAre("/a 20-30"));
    EXPECT_THAT(drain(must(manifest_.states_with(content_of("three").sha256))), IsEmpty());
    must(manifest_.index_checksums());
  }
}

TEST(EmptyManifests, HaveNoHistories)
{
  const TempDir dir;
  const Manifest manifest = must(Manifest::create(dir.file("manifest.db")));
  EXPECT_THAT(drain(must(manifest.histories())), IsEmpty());
}

}  // namespace
}  // namespace ib::test
