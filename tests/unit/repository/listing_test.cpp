// SPDX-License-Identifier: Apache-2.0
#include "repository/listing.hpp"

#include "core/names/object_name.hpp"
#include "repository/documents.hpp"
#include "repository/restore_points.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"

namespace ib::test {
namespace {

constexpr std::int64_t kNight = 1'768'446'000;  // 2026-01-15T03:00:00Z

RestorePoint sample()
{
  RestorePoint point{.time = at(kNight),
                     .run = "20260115T025500Z-abcd",
                     .covers = {.files = true, .database = true},
                     .recorded_by = {.generation = 17, .run = "20260114T025500Z-dcba"}};
  point.database = DumpInfo{.object = {"database/d.sql.gz"}, .assets = 9};
  point.audit =
      Audit{.originals = 9, .proven = 5, .stored = 2, .differs = 1, .accepted = 1, .edited = 3};
  point.placed_for = "";
  return point;
}

TEST(PointMetadata, TellsInWordsWhatARestorePointIs)
{
  EXPECT_EQ(metadata_of(sample()), (Metadata{{"run", "20260115T025500Z-abcd"},
                                             {"verdict", "incomplete"},
                                             {"covers", "files,database"},
                                             {"generation", "17"},
                                             {"recorded-by", "20260114T025500Z-dcba"},
                                             {"dump", "database/d.sql.gz"},
                                             {"dump-is", "good"},
                                             {"assets", "9"},
                                             {"protected", "7"},
                                             {"differing", "4"}}));
  RestorePoint point{.run = "r", .covers = {.files = true}};
  point.accepts_changes = point.rebuilt = true;
  EXPECT_EQ(metadata_of(point), (Metadata{{"run", "r"},
                                          {"verdict", "complete"},
                                          {"covers", "files"},
                                          {"generation", "0"},
                                          {"recorded-by", ""},
                                          {"dump", ""},
                                          {"rebuilt", "yes"},
                                          {"accepts-changes", "yes"}}));
}

TEST(PointMetadata, HasAWordForEachCoverageAndKindOfDump)
{
  struct Case {
    Coverage covers;
    const char* words;
  };
  const Case coverages[] = {
      {{}, ""},
      {{.files = true}, "files"},
      {{.database = true}, "database"},
      {{.files = true, .database = true}, "files,database"},
      {{.files = true, .part = true}, "files,part"},
      {{.files = true, .database = true, .part = true}, "files,database,part"},
  };
  RestorePoint point = sample();
  for (const Case& c : coverages) {
    point.covers = c.covers;
    EXPECT_EQ(metadata_of(point).at("covers"), c.words);
  }
  point.database->left_out = {"public.asset"};
  EXPECT_EQ(metadata_of(point).at("dump-is"), "partial");
  point.database->suspect = true;
  EXPECT_EQ(metadata_of(point).at("dump-is"), "suspect") << "that it is small counts for more";
}

class Listings : public testing::Test {
protected:
  void put(const ObjectName& name, std::string_view bytes, const Metadata& metadata)
  {
    must(put_small(*open_.store, name, bytes, metadata, "application/json", {}));
  }

  void put_manifest(std::int64_t second, std::optional<std::uint64_t> generation,
                    const std::string& parents)
  {
    Metadata metadata{{"parents", parents}, {"run", "r"}};
    if (generation) metadata.emplace("generation", std::to_string(*generation));
    put(name(second), "db", metadata);
  }

  static ObjectName name(std::int64_t second) { return manifest_name(at(kNight + second)); }

  SilentProgress progress_;
  EmulatedBucket bucket_;
  OpenStore open_ = bucket_.open();
  const RepositoryContext repository_{.store = *open_.store, .progress = progress_};
};

TEST_F(Listings, TellOfARestorePointWhatItsDocumentDoes)
{
  std::vector<RestorePoint> points(6, sample());
  points[1].database->suspect = true;
  points[2].database->left_out = {"public.asset"};
  points[2].covers.part = true;
  points[3] = {.covers = {.files = true}, .rebuilt = true};
  points[4].audit->differs = points[4].audit->edited = 0;
  points[4].accepts_changes = true;
  points[5] = {.covers = {.database = true}, .database = sample().database};
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].time = at(kNight + static_cast<std::int64_t>(i));
    put(restore_point_name(points[i].time), serialize(points[i]), metadata_of(points[i]));
  }
  const ManifestListing listing = must(list_manifests(repository_));
  ASSERT_EQ(listing.restore_points.size(), points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const ManifestListing::Entry& entry = listing.restore_points[i];
    ASSERT_TRUE(entry.facts) << i;
    EXPECT_FALSE(entry.is_version_3);
    const PointFacts wanted = facts_of(points[i]);
    EXPECT_EQ(entry.facts->complete, points[i].is_complete()) << i;
    EXPECT_EQ(entry.facts->covers, wanted.covers) << i;
    EXPECT_EQ(entry.facts->dump, wanted.dump) << i;
    EXPECT_EQ(entry.facts->dump_is_good, wanted.dump_is_good) << i;
    EXPECT_EQ(entry.facts->dump_is_suspect, wanted.dump_is_suspect) << i;
    EXPECT_EQ(entry.facts->rebuilt, wanted.rebuilt) << i;
    EXPECT_EQ(entry.facts->accepts_changes, wanted.accepts_changes) << i;
    EXPECT_EQ(entry.facts->recorded_by, wanted.recorded_by) << i;
    EXPECT_EQ(entry.facts->assets, wanted.assets) << i;
    EXPECT_EQ(entry.facts->protected_originals, wanted.protected_originals) << i;
    EXPECT_EQ(entry.facts->differing, wanted.differing) << i;
  }
}

TEST_F(Listings, ReadTheDocumentWhereMetadataDoesNotTell)
{
  put(restore_point_name(sample().time), serialize(sample()), {});
  const ManifestListing listing = must(list_manifests(repository_));
  const ManifestListing::Entry& entry = listing.restore_points.at(0);
  EXPECT_FALSE(entry.facts);
  EXPECT_FALSE(entry.is_version_3) << "nobody knows";
  const PointFacts facts = must(facts_of(repository_, entry));
  EXPECT_EQ(facts.recorded_by.generation, 17U);
  EXPECT_EQ(facts.protected_originals, 7U);
}

TEST_F(Listings, KnowRestorePointsOfVersion3ByWhatTheySay)
{
  put(restore_point_name(at(kNight)),
      R"({"time": "2026-01-15T03:00:00Z", "verdict": "complete", "run": "r"})",
      {{"run", "r"}, {"verdict", "complete"}, {"dump", ""}});
  const ManifestListing listing = must(list_manifests(repository_));
  EXPECT_TRUE(listing.restore_points.at(0).is_version_3);
  EXPECT_FALSE(listing.restore_points.at(0).facts);
  const std::vector<RestorablePoint> points = must(restorable_points(repository_, listing));
  ASSERT_EQ(points.size(), 1U);
  EXPECT_EQ(points[0].generation, static_cast<std::uint64_t>(kNight));
  EXPECT_EQ(points[0].run, "");
  EXPECT_FALSE(points[0].places);
}

TEST_F(Listings, SayWhichStatesARestorePointBrings)
{
  RestorePoint without_database = sample();
  without_database.time = at(kNight + 1);
  without_database.covers.database = false;
  without_database.audit.reset();
  without_database.placed_for.reset();
  RestorePoint read = sample();  // its metadata was lost
  read.time = at(kNight + 2);
  put(restore_point_name(at(kNight)), serialize(sample()), metadata_of(sample()));
  put(restore_point_name(at(kNight + 1)), serialize(without_database),
      metadata_of(without_database));
  put(restore_point_name(at(kNight + 2)), serialize(read), {});
  put(restore_point_name(at(kNight + 3)), "damaged", {});
  const std::vector<RestorablePoint> points =
      must(restorable_points(repository_, must(list_manifests(repository_))));
  ASSERT_EQ(points.size(), 3U);
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_EQ(points[i].time, at(kNight + static_cast<std::int64_t>(i)));
    EXPECT_EQ(points[i].generation, 17U);
    EXPECT_EQ(points[i].run, "20260114T025500Z-dcba");
    EXPECT_EQ(points[i].places, i != 1) << i;
  }
}

/// Otherwise no manifest would be one that no other builds on, and the store would look new.
TEST_F(Listings, RefuseAManifestThatIsItsOwnParent)
{
  put_manifest(0, std::nullopt, "");
  put_manifest(1, std::nullopt, name(1).value);
  const Result<ManifestListing> refused = list_manifests(repository_);
  ASSERT_TRUE(fails_with(Errc::invalid, refused));
  EXPECT_TRUE(refused.error().hint.contains("--ignore-manifest " + name(1).value));
}

TEST_F(Listings, RefuseManifestsThatBuildOnEachOther)
{
  put_manifest(0, std::nullopt, name(1).value);
  put_manifest(1, std::nullopt, name(0).value);
  EXPECT_TRUE(fails_with(Errc::invalid, list_manifests(repository_)));
}

TEST_F(Listings, TakeTheGenerationThatFollowsFromTheParents)
{
  put_manifest(0, std::nullopt, "");  // of version 3
  put_manifest(1, kNight + 1, name(0).value);
  put_manifest(2, kNight + 2, name(1).value);
  put_manifest(3, kNight + 2, name(1).value);  // did not know of the one before
  put_manifest(4, kNight + 3, name(2).value + "," + name(3).value);
  put_manifest(5, kNight + 9, "manifest-20250115T030000Z.db");  // of one that was pruned
  const ManifestListing listing = must(list_manifests(repository_));
  ASSERT_EQ(listing.manifests.size(), 6U);
  EXPECT_EQ(listing.manifests[0].generation, std::nullopt);
  EXPECT_EQ(listing.manifests[4].generation, static_cast<std::uint64_t>(kNight) + 3);
}

TEST_F(Listings, RefuseAGenerationThatLeavesNoneForThoseThatFollow)
{
  const auto refused = [&](std::uint64_t generation) {
    open_ = bucket_.open("of " + std::to_string(generation) + "/");
    const RepositoryContext repository{.store = *open_.store, .progress = progress_};
    put_manifest(1, generation, "manifest-20250115T030000Z.db");  // a parent that nobody knows
    return fails_with(Errc::invalid, list_manifests(repository));
  };
  EXPECT_FALSE(refused(std::uint64_t{1} << 40U));
  EXPECT_TRUE(refused((std::uint64_t{1} << 40U) + 1));
  EXPECT_TRUE(refused(UINT64_MAX));
}

TEST_F(Listings, RefuseACommitThatWouldHideOthers)
{
  for (const std::uint64_t generation : {std::uint64_t{9}, std::uint64_t{2}, UINT64_MAX}) {
    open_ = bucket_.open(std::to_string(generation) + "/");
    const RepositoryContext repository{.store = *open_.store, .progress = progress_};
    put_manifest(0, 1, "");
    put_manifest(1, 2, name(0).value);
    put_manifest(2, generation, name(1).value);
    const Result<ManifestListing> listing = list_manifests(repository);
    ASSERT_TRUE(fails_with(Errc::invalid, listing)) << generation;
    EXPECT_THAT(listing.error().message,
                HasSubstr("commit " + std::to_string(generation) + ", where 3 "));
    EXPECT_THAT(listing.error().hint, HasSubstr("--ignore-manifest " + name(2).value));
    const RepositoryContext ignoring{
        .store = *open_.store, .progress = progress_, .ignored_manifests = {name(2).value}};
    EXPECT_EQ(must(list_manifests(ignoring)).manifests.size(), 2U);
  }
}

TEST_F(Listings, RefuseACommitThatBuildsOnNothingAndIsNotTheFirst)
{
  put_manifest(0, 5, "");
  EXPECT_TRUE(fails_with(Errc::invalid, list_manifests(repository_)));
}

}  // namespace
}  // namespace ib::test
