// SPDX-License-Identifier: Apache-2.0
#include "repository/point_choice.hpp"

#include "core/names/object_name.hpp"
#include "repository/documents.hpp"
#include "support/emulated_bucket.hpp"
#include "support/matchers.hpp"

#include <chrono>

namespace ib::test {
namespace {

using namespace std::chrono_literals;

enum class Dump : std::uint8_t { none, good, suspect, partial, removed };

/// 03:00 of a day of January.
Timestamp night(int day)
{
  return Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 1 / day}} + 3h;
}

/// A restore point of that night, with a thousand assets where it has a dump, and an audit of them
/// where it has files as well.
RestorePoint point(int day, Coverage covers, Dump dump = Dump::none)
{
  RestorePoint point{.time = night(day), .covers = covers};
  point.recorded_by.generation = static_cast<std::uint64_t>(day);
  if (dump == Dump::none) return point;
  point.database = DumpInfo{
      .object = dump_name(night(day), "v2.3.1"), .assets = 1000, .suspect = dump == Dump::suspect};
  if (dump == Dump::partial) point.database->left_out = {"public.face_search"};
  if (!covers.files) return point;
  point.audit = Audit{.originals = 1000, .proven = 1000};
  point.placed_for = "";
  return point;
}

constexpr Coverage kFiles{.files = true};
constexpr Coverage kDatabase{.database = true};
constexpr Coverage kBoth{.files = true, .database = true};
constexpr Coverage kPart{.files = true, .database = true, .part = true};

RestorePoint whole(int day)
{
  return point(day, kBoth, Dump::good);
}

/// A good one whose counts are other ones.
RestorePoint counted(int day, std::uint64_t assets, std::uint64_t proven, std::uint64_t differs = 0,
                     std::uint64_t edited = 0)
{
  RestorePoint made = whole(day);
  made.database->assets = assets;
  made.audit =
      Audit{.originals = proven + differs, .proven = proven, .differs = differs, .edited = edited};
  return made;
}

RestorePoint accepting(RestorePoint point)
{
  point.accepts_changes = true;
  return point;
}

class PointChoices : public testing::TestWithParam<bool> {
protected:
  bool metadata_was_lost() const { return GetParam(); }

  /// With a store that holds nothing yet.
  void begin_anew() { open_ = bucket_.open("store-" + std::to_string(++stores_) + "/"); }

  void put(const ObjectName& name, std::string_view bytes, const Metadata& metadata = {})
  {
    must(put_small(*open_.store, name, bytes, metadata, "application/json", {}));
  }

  void put(const RestorePoint& point, bool with_dump = true)
  {
    put(restore_point_name(point.time), serialize(point),
        metadata_was_lost() ? Metadata{} : metadata_of(point));
    if (point.database && with_dump) put(point.database->object, "dump");
  }

  Result<PointChoice> choose(std::optional<Timestamp> at = std::nullopt)
  {
    const RepositoryContext repository{.store = *open_.store, .progress = progress_};
    const ManifestListing listing = TRY(list_manifests(repository));
    return choose_point(repository, listing, at);
  }

  SilentProgress progress_;
  EmulatedBucket bucket_;
  OpenStore open_ = bucket_.open();
  int stores_ = 0;
};

INSTANTIATE_TEST_SUITE_P(, PointChoices, testing::Bool(), [](const auto& param) {
  return param.param ? "ByDocuments" : "ByMetadata";
});

struct Kept {
  Coverage covers;
  Dump dump = Dump::none;
};

struct RankCase {
  const char* name;
  std::vector<Kept> points;  ///< of nights 1, 2, ...
  int chosen;
  std::vector<std::string> why_not;  ///< of the newer ones, the newest first
};

std::vector<RankCase> rank_cases()
{
  return {
      {"the newest of the best", {{kBoth, Dump::good}, {kBoth, Dump::good}}, 2, {}},
      {"no dump at all is no reason to take an older one", {{kFiles}, {kFiles}}, 2, {}},
      {"a dump before none",
       {{kBoth, Dump::good}, {kFiles}, {kFiles}},
       1,
       {"has no database dump", "has no database dump"}},
      {"files and their dump before a dump alone",
       {{kBoth, Dump::good}, {kDatabase, Dump::good}},
       1,
       {"covers no files"}},
      {"files and their dump before a part of the files",
       {{kBoth, Dump::good}, {kPart, Dump::good}},
       1,
       {"covers only a part of the files"}},
      {"a dump alone before files alone",
       {{kDatabase, Dump::good}, {kFiles}},
       1,
       {"has no database dump"}},
      {"a dump that is whole before one that is not",
       {{kBoth, Dump::good}, {kBoth, Dump::partial}},
       1,
       {"has a dump without all of its data"}},
      {"a dump that is whole before a suspect one",
       {{kBoth, Dump::good}, {kBoth, Dump::suspect}},
       1,
       {"has a suspect dump: most of the assets were gone"}},
      {"a dump that is there before one that was removed",
       {{kBoth, Dump::good}, {kBoth, Dump::removed}},
       1,
       {"has no dump any more"}},
      {"of those without a good dump the newest with all files",
       {{kBoth, Dump::suspect}, {kBoth, Dump::partial}, {kDatabase, Dump::suspect}},
       2,
       {"has a suspect dump: most of the assets were gone"}},
      {"of those with neither the newest",
       {{kDatabase, Dump::removed}, {kPart, Dump::none}},
       2,
       {}},
  };
}

TEST_P(PointChoices, TakeTheNewestWithAGoodDumpAndAllFiles)
{
  for (const RankCase& c : rank_cases()) {
    SCOPED_TRACE(c.name);
    begin_anew();
    int day = 0;
    for (const Kept& kept : c.points)
      put(point(++day, kept.covers, kept.dump), kept.dump != Dump::removed);
    const PointChoice choice = must(choose());
    EXPECT_EQ(choice.point.time, night(c.chosen));
    const Dump dump = c.points.at(static_cast<std::size_t>(c.chosen - 1)).dump;
    EXPECT_EQ(choice.has_its_dump, dump != Dump::none && dump != Dump::removed);
    std::vector<std::string> notes;
    for (std::size_t i = 0; i < c.why_not.size(); ++i) {
      const std::string newer = format_iso(night(day - static_cast<int>(i)));
      notes.push_back("the restore point of " + newer + " is newer, and " + c.why_not[i] +
                      ": --at " + newer + " takes it instead of " + format_iso(night(c.chosen)));
    }
    EXPECT_EQ(choice.notes, notes);
  }
}

TEST_P(PointChoices, TakeAnExactTimeAsItIs)
{
  put(whole(1));
  put(point(2, kFiles));
  put(accepting(counted(3, 10, 10)));
  for (const int day : {1, 2, 3}) {
    const PointChoice choice = must(choose(night(day)));
    EXPECT_EQ(choice.point.time, night(day));
    EXPECT_THAT(choice.notes, IsEmpty()) << "it is what was asked for";
    EXPECT_THAT(choice.doubts, IsEmpty()) << "a person has said which";
    EXPECT_EQ(choice.has_its_dump, day != 2);
  }
}

TEST_P(PointChoices, SayWhichTheyTookOfATime)
{
  put(whole(1));
  put(point(2, kFiles));
  put(counted(3, 10, 10));
  const PointChoice between = must(choose(night(3) - 1s));
  EXPECT_EQ(between.point.time, night(1)) << "the best until then";
  EXPECT_THAT(between.notes,
              ElementsAre("--at takes the restore point of 2026-01-01T03:00:00Z",
                          "the restore point of 2026-01-02T03:00:00Z is newer, and has no database "
                          "dump: --at 2026-01-02T03:00:00Z takes it instead of "
                          "2026-01-01T03:00:00Z"));
  const PointChoice after = must(choose(night(3) + 1h));
  EXPECT_EQ(after.point.time, night(3));
  EXPECT_THAT(after.notes, ElementsAre("--at takes the restore point of 2026-01-03T03:00:00Z"));
  EXPECT_THAT(after.doubts, IsEmpty()) << "a time was named";
}

TEST_P(PointChoices, AreNoneWhereThereIsNone)
{
  EXPECT_TRUE(fails_with(Errc::corrupt, choose()));
  EXPECT_TRUE(fails_with(Errc::corrupt, choose(night(1))));
  put(whole(2));
  EXPECT_TRUE(fails_with(Errc::invalid, choose(night(1))));
}

TEST_P(PointChoices, PassOverADamagedDocumentOnlyWhereItsMetadataDoesNotTellWhatItWas)
{
  put(restore_point_name(night(2)), "{", metadata_was_lost() ? Metadata{} : metadata_of(whole(2)));
  put(whole(2).database->object, "dump");
  EXPECT_TRUE(fails_with(Errc::corrupt, choose())) << "there is no other";
  put(whole(1));
  EXPECT_TRUE(fails_with(Errc::corrupt, choose(night(2)))) << "it was asked for";
  if (metadata_was_lost()) {
    EXPECT_EQ(must(choose()).point.time, night(1));
  } else {
    EXPECT_TRUE(fails_with(Errc::corrupt, choose())) << "it would have been the one";
  }
}

struct DoubtCase {
  const char* name;
  std::vector<RestorePoint> points;  ///< oldest first
  std::vector<std::string> doubts;
  std::optional<int> before;
};

const std::string kAccepted =
    "it was made with --accept-changes, after much had vanished or changed";

std::vector<DoubtCase> loss_cases()
{
  return {
      {"the first", {whole(1)}, {}, {}},
      {"as before", {whole(1), whole(2)}, {}, {}},
      {"more than before", {whole(1), counted(2, 2000, 2000)}, {}, {}},
      {"nine of few", {counted(1, 20, 20), counted(2, 11, 11)}, {}, {}},
      {"one of a hundred", {counted(1, 1000, 1000), counted(2, 990, 990)}, {}, {}},
      {"ten of few",
       {counted(1, 20, 20), counted(2, 10, 20)},
       {"it has 10 assets, the one of 2026-01-01T03:00:00Z has 20"},
       1},
      {"eleven of a thousand",
       {counted(1, 1000, 1000), counted(2, 989, 1000)},
       {"it has 989 assets, the one of 2026-01-01T03:00:00Z has 1,000"},
       1},
      {"originals that are not protected",
       {counted(1, 1000, 1000), counted(2, 1000, 500)},
       {"it has 500 protected originals, the one of 2026-01-01T03:00:00Z has 1,000"},
       1},
      {"slowly, a few each night",
       {counted(1, 1000, 1000), counted(2, 994, 994), counted(3, 988, 988)},
       {"it has 988 assets, the one of 2026-01-01T03:00:00Z has 1,000",
        "it has 988 protected originals, the one of 2026-01-01T03:00:00Z has 1,000"},
       1},
      {"of two, the nearest",
       {counted(1, 3000, 3000), counted(2, 2000, 2000), counted(3, 1000, 1000)},
       {"it has 1,000 assets, the one of 2026-01-02T03:00:00Z has 2,000",
        "it has 1,000 protected originals, the one of 2026-01-02T03:00:00Z has 2,000"},
       2},
      {"from before means from before both",
       {counted(1, 1000, 1000), counted(2, 1000, 500), counted(3, 500, 500)},
       {"it has 500 assets, the one of 2026-01-02T03:00:00Z has 1,000",
        "it has 500 protected originals, the one of 2026-01-01T03:00:00Z has 1,000"},
       1},
      {"a dump alone has nothing to be compared but its assets",
       {point(1, kDatabase, Dump::good), point(2, kDatabase, Dump::good)},
       {},
       {}},
  };
}

std::vector<DoubtCase> other_cases()
{
  RestorePoint gone_dump = whole(1);
  gone_dump.database->left_out = {"public.asset"};
  return {
      {"nine that differ", {counted(1, 20, 11, 9)}, {}, {}},
      {"one of a hundred that differs", {counted(1, 1000, 990, 10)}, {}, {}},
      {"many that differ",
       {whole(1), counted(2, 1000, 995, 30)},
       {"30 originals are not what Immich recorded"},
       1},
      {"many that were changed where they lie",
       {whole(1), counted(2, 1000, 1000, 0, 200)},
       {"200 originals are not what Immich recorded"},
       1},
      {"they differed before as well",
       {whole(1), counted(2, 1000, 995, 30), counted(3, 1000, 995, 30)},
       {"30 originals are not what Immich recorded"},
       1},
      {"accepted changes", {whole(1), accepting(whole(2))}, {kAccepted}, 1},
      {"accepted changes twice",
       {whole(1), accepting(whole(2)), accepting(whole(3))},
       {kAccepted},
       1},
      {"accepted changes, and nothing from before", {accepting(whole(1))}, {kAccepted}, {}},
      {"accepted changes, and from before no good dump",
       {gone_dump, accepting(whole(2))},
       {kAccepted},
       {}},
      {"accepted changes before the newest", {accepting(whole(1)), whole(2)}, {}, {}},
      {"a loss after changes that were accepted",
       {counted(1, 1000, 1000), accepting(counted(2, 1000, 1000)), counted(3, 100, 100)},
       {"it has 100 assets, the one of 2026-01-02T03:00:00Z has 1,000",
        "it has 100 protected originals, the one of 2026-01-02T03:00:00Z has 1,000"},
       1},
      {"a newer suspect dump: this one is from before",
       {whole(1), whole(2), point(3, kBoth, Dump::suspect)},
       {"a newer one has a suspect dump: most of the assets were gone"},
       {}},
      {"nothing but a suspect dump",
       {point(1, kBoth, Dump::suspect)},
       {"it has a suspect dump: most of the assets were gone"},
       {}},
  };
}

TEST_P(PointChoices, DoubtWhatLooksLikeALoss)
{
  std::vector<DoubtCase> cases = loss_cases();
  std::ranges::move(other_cases(), std::back_inserter(cases));
  for (const DoubtCase& c : cases) {
    SCOPED_TRACE(c.name);
    begin_anew();
    for (const RestorePoint& each : c.points) put(each);
    const PointChoice choice = must(choose());
    EXPECT_EQ(choice.doubts, c.doubts);
    EXPECT_EQ(choice.before_doubt, c.before ? std::optional(night(*c.before)) : std::nullopt);
  }
}

TEST_P(PointChoices, OfferNoOlderPointWhoseDumpIsGone)
{
  put(whole(1));
  put(counted(2, 1000, 1000), false);
  put(counted(3, 100, 100));
  const PointChoice choice = must(choose());
  EXPECT_THAT(choice.doubts, SizeIs(2));
  EXPECT_EQ(choice.before_doubt, night(1));
}

}  // namespace
}  // namespace ib::test
