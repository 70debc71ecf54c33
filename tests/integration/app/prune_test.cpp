// SPDX-License-Identifier: Apache-2.0
//
// Retention: what goes, what stays, and that what stays is whole wherever it is interrupted.
#include "app/prune.hpp"
#include "app/session.hpp"
#include "repository/documents.hpp"
#include "repository/listing.hpp"
#include "repository/restore_points.hpp"
#include "store/dir/dir_store.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/faulty_store.hpp"
#include "support/killed.hpp"
#include "support/mortal_store.hpp"
#include "support/workplace.hpp"

#include <filesystem>
#include <set>

namespace ib::test {
namespace {

using Files = std::map<std::string, FileState>;

/// Sixty nights of a library in which one file is new and one is gone each night, with a dump each.
/// The dumps are a few bytes: what is in them does not matter here.
class Retention : public testing::Test {
protected:
  Retention()
  {
    fs::remove_all(place.library());
    put_file(place.library() + "/upload/.immich", "");
  }

  Session session(ObjectStore& store) { return place.session(store); }

  void night(bool good = true, bool changes = true)
  {
    clock_ = kFirst + std::chrono::days(nights_);
    if (changes) {
      put_file(place.library() + "/upload/" + std::to_string(1000 + nights_) + ".jpg",
               "photo " + std::to_string(nights_), (1000 + nights_) * 1'000'000'000LL);
      if (nights_ > 0)
        fs::remove(place.library() + "/upload/" + std::to_string(999 + nights_) + ".jpg");
    }
    MortalStore machine(place.store(), clock_, {}, 1);
    BackupJob job = place.job();
    job.accept_changes = true;
    const BackupReport report = must(run_backup(session(machine), job));
    libraries_[*report.restore_point] = covered_files_below(place.library());
    add_dump(*report.restore_point, good);
    ++nights_;
  }

  /// As if the run had taken one.
  void add_dump(Timestamp time, bool good)
  {
    const ObjectName name = restore_point_name(time);
    RestorePoint point = must(read_restore_point(place.session(), name));
    point.database = DumpInfo{.object = dump_name(time, "v2.3.1"),
                              .bytes = 4,
                              .sha256 = sha256(bytes_of("dump")),
                              .assets = 10,
                              .suspect = !good};
    must(put_small(place.store(), point.database->object, "dump", {}, "application/gzip", {}));
    must(place.store().remove(*RemovableName::of(name), {}));
    must(put_small(place.store(), name, serialize(point), {}, "application/json", {}));
  }

  Result<PruneReport> prune(const RetentionRules& rules, bool remove = true)
  {
    return prune(place.store(), rules, remove);
  }
  Result<PruneReport> prune(ObjectStore& store, const RetentionRules& rules, bool remove = true)
  {
    MortalStore machine(store, clock_, {}, 1);
    return run_prune(session(machine), {.rules = rules, .remove = remove});
  }

  std::vector<Timestamp> restore_points()
  {
    std::vector<Timestamp> times;
    for (const ManifestListing::Entry& entry : must(list_manifests(place.session())).restore_points)
      times.push_back(entry.time);
    return times;
  }

  /// Every restore point that is there can be gone back to, file for file, and has its manifest and
  /// dump.
  void expect_whole(ObjectStore& store)
  {
    const Session looking = session(store);
    const ManifestListing listing = must(list_manifests(looking));
    EXPECT_THAT(listing.heads(), SizeIs(1));
    for (const ManifestListing::Entry& entry : listing.restore_points) {
      const RestorePoint point = must(read_restore_point(looking, entry.name));
      EXPECT_TRUE(ok(store.stat(point.manifest->object, {}))) << entry.name.value;
      EXPECT_TRUE(ok(store.stat(point.database->object, {}))) << entry.name.value;
      for (const CheckpointInfo& each : point.checkpoints)
        EXPECT_TRUE(ok(store.stat(each.object, {})));
      const fs::path target = place.target();
      fs::remove_all(target);
      must(run_restore(looking, {.target = target, .at = entry.time}));
      EXPECT_EQ(covered_files_below(target), libraries_.at(entry.time)) << entry.name.value;
    }
    EXPECT_EQ(must(run_verify(looking, {.all = false})).damaged, 0U);
  }

  static constexpr Timestamp kFirst{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1} +
                                    std::chrono::hours(3)};
  Workplace place;
  Timestamp clock_ = kFirst;
  int nights_ = 0;
  std::map<Timestamp, Files> libraries_;
};

TEST_F(Retention, ShowsWhatWouldGoAndLeavesIt)
{
  for (int i = 0; i < 5; ++i) night();
  const auto before = place.objects();
  const PruneReport report = must(prune({.last = 2}, false));
  EXPECT_TRUE(report.dry_run);
  EXPECT_THAT(report.kept, SizeIs(2));
  EXPECT_THAT(report.restore_points, SizeIs(3));
  EXPECT_EQ(report.dumps.objects, 3U);
  EXPECT_EQ(report.removed, 0U);
  EXPECT_EQ(place.objects(), before);
}

TEST_F(Retention, WantsToBeToldWhatToKeep)
{
  night();
  EXPECT_TRUE(fails_with(Errc::invalid, prune({})));
}

TEST_F(Retention, RemovesWhatNoRuleKeepsAndWhatOnlyThatNeeds)
{
  for (int i = 0; i < 40; ++i) night();
  const std::vector<std::string> contents = place.objects("library/");
  const PruneReport report = must(prune({.last = 3, .monthly = 2}));
  EXPECT_EQ(restore_points(), (std::vector<Timestamp>{
                                  kFirst + std::chrono::days(30), kFirst + std::chrono::days(37),
                                  kFirst + std::chrono::days(38), kFirst + std::chrono::days(39)}));
  EXPECT_THAT(place.objects("database/"), SizeIs(4));
  EXPECT_LT(place.objects("manifest-").size(), 4U + 4U + 8U)
      << "manifests of the last week stay as well";
  EXPECT_LT(place.objects("runs/").size(), 10U);
  EXPECT_EQ(report.removed, report.objects());
  EXPECT_EQ(place.objects("library/"), contents) << "what the library has ever held stays";
  expect_whole(place.store());

  // Life goes on.
  night();
  expect_whole(place.store());
  EXPECT_EQ(must(prune({.last = 3, .monthly = 2}, false)).restore_points.size(), 1U);
}

TEST_F(Retention, AsksForNothingMoreEachNightForWhatIsKept)
{
  for (int i = 0; i < 30; ++i) night();
  must(prune({.last = 1, .weekly = 4}));
  ASSERT_THAT(restore_points(), SizeIs(testing::Gt(3U)));
  // What an old restore point rests on is no head: the next run would fetch and merge it.
  EXPECT_THAT(must(list_manifests(place.session())).heads(), SizeIs(1));
}

TEST_F(Retention, KeepsTheManifestThatALaterRestorePointRestsOn)
{
  night();
  for (int i = 0; i < 20; ++i) night(true, /*changes=*/false);
  must(prune({.last = 1}));
  EXPECT_THAT(place.objects("manifest-"), SizeIs(2)) << "one of each";
  expect_whole(place.store());
}

TEST_F(Retention, KeepsWhatADeltaLiesOn)
{
  const auto put_many = [&](const std::string& folder) {
    for (int i = 0; i < 1000; ++i)
      put_file(place.library() + folder + std::to_string(i) + ".jpg", folder + std::to_string(i),
               (50000 + i) * 1'000'000'000LL);
  };
  const auto manifest_of = [&](Timestamp time) {
    return *must(read_restore_point(place.session(), restore_point_name(time))).manifest;
  };
  put_many("/upload/first/");
  night();
  const ManifestInfo first = manifest_of(restore_points().back());
  ASSERT_FALSE(first.base);
  for (int i = 0; i < 6; ++i) night();
  const Timestamp kept = restore_points().at(3);  // a Sunday
  ASSERT_TRUE(manifest_of(kept).base);
  ASSERT_EQ(manifest_of(kept).base->object, first.object);
  put_many("/upload/second/");
  night();
  const ManifestInfo second = manifest_of(restore_points().back());
  ASSERT_FALSE(second.base) << "a delta would be as large";
  for (int i = 0; i < 10; ++i) night();
  ASSERT_TRUE(manifest_of(restore_points().back()).base);
  ASSERT_EQ(manifest_of(restore_points().back()).base->object, second.object);

  // No restore point that rests on a full manifest is kept.
  must(prune({.last = 1, .weekly = 10}));
  EXPECT_THAT(restore_points(), Contains(kept));
  for (const ManifestInfo& full : {first, second})
    EXPECT_EQ(std::ranges::count_if(
                  restore_points(),
                  [&](Timestamp time) { return manifest_of(time).object == full.object; }),
              0)
        << "this test is about others";
  expect_whole(place.store());
  night();
  expect_whole(place.store());
}

TEST_F(Retention, NeverCountsASuspectDumpAndKeepsTheLastGoodOne)
{
  for (int i = 0; i < 3; ++i) night();
  for (int i = 0; i < 5; ++i) night(/*good=*/false);
  must(prune({.last = 2}));
  EXPECT_EQ(restore_points().front(), kFirst + std::chrono::days(1));
  EXPECT_THAT(restore_points(), SizeIs(7))
      << "the suspect ones are newer than the oldest of the last good ones";
  must(prune({.daily = 1}));
  EXPECT_EQ(restore_points().front(), kFirst + std::chrono::days(2));
  expect_whole(place.store());
}

TEST_F(Retention, CountsNoDumpThatIsMissingOrCut)
{
  for (int i = 0; i < 4; ++i) night();
  fs::resize_file(
      place.store_folder() + "/" + dump_name(kFirst + std::chrono::days(3), "v2.3.1").value, 2);
  fs::remove(place.store_folder() + "/" + dump_name(kFirst + std::chrono::days(2), "v2.3.1").value);
  const PruneReport report = must(prune({.last = 1}));
  EXPECT_EQ(report.kept.front().time, kFirst + std::chrono::days(1));
}

TEST_F(Retention, LeavesWhatADamagedRestorePointMayNeed)
{
  for (int i = 0; i < 20; ++i) night();
  const std::string damaged = restore_point_name(kFirst + std::chrono::days(4)).value;
  fs::resize_file(place.store_folder() + "/" + damaged, 10);
  const PruneReport report = must(prune({.last = 2}));
  EXPECT_THAT(codes(report.header), ElementsAre("restore_point_damaged"));
  EXPECT_THAT(place.objects("manifest-"), Contains(damaged));
  EXPECT_EQ(report.manifests.objects, 0U);
  EXPECT_THAT(place.objects("database/"), SizeIs(3)) << "and its dump stays";
}

TEST_F(Retention, LeavesARunThatMayStillBeGoingOn)
{
  for (int i = 0; i < 3; ++i) night();
  // It began before all else, and has not ended.
  const std::string slow = "20260101T020000Z-0badcafe";
  must(put_small(place.store(), begin_mark_name(slow), "{}", {}, "application/json", {}));
  must(put_small(place.store(), {"database/2026-01-01T02-00-00-immich-v2.3.1.sql.gz"}, "dump", {},
                 "x", {}));
  nights_ = 40;
  clock_ = kFirst + std::chrono::days(40);
  const auto manifests = place.objects("manifest-").size();
  must(prune({.last = 1}));
  EXPECT_THAT(place.objects("runs/" + slow), SizeIs(1));
  EXPECT_THAT(place.objects("database/"),
              Contains("database/2026-01-01T02-00-00-immich-v2.3.1.sql.gz"));
  EXPECT_EQ(place.objects("manifest-").size(), manifests - 2)
      << "restore points alone: it may rest on any of them";

  // Another run has taken it in: it may have been slow only, for a month.
  must(put_small(place.store(), taken_in_mark_name(slow, 0),
                 serialize(RunMark{.run = slow, .time = clock_}), {}, "application/json", {}));
  must(prune({.last = 1}));
  EXPECT_THAT(place.objects("runs/" + slow), SizeIs(2));
  clock_ += std::chrono::days(31);
  must(prune({.last = 1}));
  EXPECT_THAT(place.objects("runs/" + slow), IsEmpty());
  EXPECT_THAT(place.objects("database/"), SizeIs(1)) << "nobody's any more";
  EXPECT_FALSE(fs::exists(place.store_folder() + "/runs/" + slow));
}

TEST_F(Retention, KeepsTheNewestManifestUntilItIsKnownToBeReadable)
{
  for (int i = 0; i < 20; ++i) night();
  const std::string newest = manifest_name(kFirst + std::chrono::days(19)).value;
  fs::resize_file(place.store_folder() + "/" + newest, 1000);
  const auto before = place.objects();
  EXPECT_TRUE(fails_with(Errc::corrupt, prune({.last = 2})));
  EXPECT_EQ(place.objects(), before) << "older ones are what it can be made of again";
}

/// Without the proofs, which looking at it leaves.
std::vector<std::string> drain_names(ObjectStore& store)
{
  std::vector<std::string> names;
  for (const ObjectInfo& object : drain(must(store.list("", "", {})))) {
    if (!object.name.value.starts_with(kProofsPrefix)) names.push_back(object.name.value);
  }
  return names;
}

/// A copy of the store, with the metadata.
std::string copy_of(const std::string& folder, const std::string& to)
{
  fs::remove_all(to);
  const std::string command = "cp -a '" + folder + "' '" + to + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  return to;
}

TEST_F(Retention, LeavesAWholeStoreWhereverItIsKilledAndConverges)
{
  for (int i = 0; i < 12; ++i) night();
  clock_ += std::chrono::days(20);
  const RetentionRules rules{.last = 1, .weekly = 2};
  const std::string copy = place.path("copy");
  std::vector<std::string> wanted;
  std::size_t steps = 0;
  {
    const auto store = open_dir_store(copy_of(place.store_folder(), copy));
    FaultyStore counting(*store);
    must(prune(counting, rules));
    steps = counting.steps().size();
    wanted = drain_names(*store);
  }
  ASSERT_GT(steps, 20U);
  for (std::size_t step = 1; step <= steps; ++step) {  // before one is after the one before
    const auto store = open_dir_store(copy_of(place.store_folder(), copy));
    ASSERT_TRUE(is_killed([&] {
      FaultyStore faulty(*store,
                         {{.step = step, .when = Fault::When::before, .kind = Fault::Kind::kill}});
      return prune(faulty, rules).has_value();
    })) << step;
    if (step % 7 == 1) expect_whole(*store);
    must(prune(*store, rules));
    EXPECT_EQ(drain_names(*store), wanted) << step;
  }
  const auto store = open_dir_store(copy);
  expect_whole(*store);
}

TEST(RetentionInABucket, NeedsACredentialThatMayDeleteAndOnlyWhatItRemoves)
{
  EmulatedBucket bucket({.credentials = R"([
    {"token": "backup", "permissions": ["storage.objects.create", "storage.objects.list", "storage.objects.get"]},
    {"token": "pruner", "permissions": ["storage.objects.list", "storage.objects.get"],
     "conditions": {"storage.objects.delete": ["database/", "manifest-", "runs/", "proofs/"]}}])"});
  Workplace place;
  const OpenStore backup = bucket.open("", "backup");
  bucket.begin();
  const OpenStore pruner = bucket.open("", "pruner");
  for (int i = 0; i < 3; ++i) must(run_backup(place.session(backup), place.job()));
  const PruneJob job{.rules = {.last = 1}, .remove = true};
  const Result<PruneReport> refused = run_prune(place.session(backup), job);
  ASSERT_TRUE(fails_with(Errc::denied, refused));
  EXPECT_THAT(refused.error().message, HasSubstr("nothing was removed"));
  EXPECT_THAT(refused.error().hint, HasSubstr("storage.objects.delete"));
  const PruneReport report = must(run_prune(place.session(pruner), job));
  EXPECT_EQ(report.documents.objects, 2U);
  EXPECT_GT(report.removed, 2U) << "the first run's marks as well";
  EXPECT_EQ(must(run_verify(place.session(pruner), {.all = true})).damaged, 0U);
}

}  // namespace
}  // namespace ib::test
