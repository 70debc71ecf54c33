// SPDX-License-Identifier: Apache-2.0
//
// The manifest made again from the store: what is there comes back, and what is damaged does not.
#include "app/rebuild.hpp"
#include "base/text.hpp"
#include "core/records/file_record.hpp"
#include "repository/restore_points.hpp"
#include "store/dir/dir_store.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/immich_database.hpp"
#include "support/workplace.hpp"
#include "sys/hash.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

namespace ib::test {
namespace {

const std::string kPhoto = "/upload/3f2b8c1e-0000-4000-8000-000000000001/0a/1b/0a1b2c3d-1.jpg";

/// The object with the content of kPhoto.
std::string photo_object(const Workplace& place)
{
  return place.store_folder() + "/library" + kPhoto;
}

void remove_manifests(const std::string& folder)
{
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("manifest") && name != kStoreMarker) fs::remove(entry.path());
  }
}

std::map<std::string, FileState> restore(Workplace& place, ObjectStore& store,
                                         std::optional<Timestamp> at = std::nullopt)
{
  fs::remove_all(place.target());
  must(run_restore(place.session(store), {.target = place.target(), .at = at}));
  return files_below(place.target());
}

TEST(RebuildManifest, MakesNoRunForgetWhatRunsHaveSaid)
{
  Workplace place;
  const ScratchFolder scans = must(ScratchFolder::create(""));
  put_file(scans.file("letter.pdf"), "a letter");
  BackupJob job = place.job();
  job.rehash_share = 5;
  BackupJob with_root = job;
  with_root.extra_roots = {{.name = "scans", .folder = scans.path()}};
  place.backup(with_root);
  const auto said = [&](Timestamp time) {
    return must(read_restore_point(place.session(), restore_point_name(time)));
  };
  const RestorePoint before = said(place.backup(job).restore_point.value());
  ASSERT_TRUE(before.not_covered && before.rehash && before.looked_at_ns);
  must(run_rebuild_manifest(place.session()));
  const RestorePoint after = said(place.backup(job).restore_point.value());
  EXPECT_EQ(after.not_covered->since, before.not_covered->since);
  EXPECT_EQ(after.rehash->part, before.rehash->part + 1);
}

TEST(RebuildManifest, FindsEverythingThatTheStoreHoldsWithoutAnyManifest)
{
  Workplace place;
  place.backup();
  for (const std::string& name : place.objects("manifest"))
    fs::remove(place.store_folder() + "/" + name);
  place.reopen_store();
  const RebuildReport report = run_rebuild_manifest(place.session()).value();
  EXPECT_THAT(codes(report.header), IsEmpty());
  // Of two files with the same content, the one that was stored second is known to no object's
  // name: all but it come back.
  auto expected = covered_files_below(place.library());
  for (const char* twin :
       {"/library/admin/2021/2021-07-04/DSC01003.jpg", "/library/admin/2022/same content.jpg"})
    if (!fs::exists(place.store_folder() + "/library" + twin)) expected.erase(twin);
  EXPECT_EQ(expected.size(), covered_files_below(place.library()).size() - 1);
  EXPECT_EQ(place.restore(), expected);
  // The next run needs to send nothing.
  EXPECT_EQ(place.backup().uploaded_objects, 0U);
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
}

TEST(RebuildManifest, TakesTheHeadsOfAYearOfManifestsInABucketForItsParents)
{
  EmulatedBucket bucket;
  bucket.begin();
  const OpenStore opened = bucket.open();
  Workplace place;
  must(run_backup(place.session(opened), place.job()));
  std::string parent;
  for (int day = 0; day < 365; ++day) {
    const std::string name = manifest_name(at(1'700'000'000 + day * 86'400)).value;
    must(put_small(*opened.store, {name}, "rotten", {{"parents", parent}, {"run", "r"}},
                   "application/vnd.sqlite3", {}));
    parent = name;
  }
  const RebuildReport report = must(run_rebuild_manifest(place.session(opened)));
  EXPECT_THAT(codes(report.header), IsEmpty());
  const BackupReport next = must(run_backup(place.session(opened), place.job()));
  EXPECT_EQ(next.uploaded_objects, 0U);
  EXPECT_EQ(next.plan.unchanged, report.totals.files) << "it is the only head now";
}

TEST(RebuildManifest, GoesOnFromTheManifestBeforeADamagedOne)
{
  Workplace place;
  place.backup();
  put_file(place.library() + "/upload/late.jpg", "late");
  const BackupReport second = place.backup();
  fs::resize_file(place.store_folder() + "/" + second.manifest->object.value, 5000);
  const RebuildReport report = run_rebuild_manifest(place.session()).value();
  EXPECT_EQ(report.added, 1U);
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
  EXPECT_EQ(place.backup().uploaded_objects, 0U);
}

TEST(RebuildManifest, NeverTakesUpDamageHoweverOftenItIsRun)
{
  Workplace place;
  place.backup();
  damage_file(photo_object(place));
  for (int run = 0; run < 2; ++run) {
    const RebuildReport report = run_rebuild_manifest(place.session()).value();
    EXPECT_THAT(codes(report.header), Each("object_damaged"));
    EXPECT_EQ(place.restore(report.restore_point).count(kPhoto), 0U);
  }
}

TEST(RebuildManifest, LetsTheNextBackupStoreAgainWhatIsDamaged)
{
  Workplace place;
  place.backup();
  damage_file(photo_object(place));
  fs::remove(place.store_folder() + "/library/library/admin/2021/2021-07-04/DSC01003.jpg.xmp");
  const RebuildReport report = run_rebuild_manifest(place.session()).value();
  EXPECT_THAT(codes(report.header), UnorderedElementsAre("object_damaged", "object_missing"));
  EXPECT_THAT(codes(place.backup().header), IsEmpty());
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
  EXPECT_THAT(codes(place.verify_all().header), IsEmpty());
}

// --- What tells whether an object holds what was stored ---

/// A store in a folder that was copied without its extended attributes and times.
class CopiedStore : public testing::Test {
protected:
  void copy()
  {
    fs::copy(place.store_folder(), folder(), fs::copy_options::recursive);
    store = open_dir_store(folder());
  }
  std::string folder() const { return place.path("copy"); }
  std::string photo() const { return folder() + "/library" + kPhoto; }
  RebuildReport rebuild() { return must(run_rebuild_manifest(place.session(*store))); }

  Workplace place;
  std::unique_ptr<ObjectStore> store;
};

TEST_F(CopiedStore, NeverGetsDamageTakenUpThatAManifestBeforeTheLastRebuildKnows)
{
  place.backup();
  copy();
  damage_file(photo());
  for (int run = 0; run < 3; ++run) {
    const RebuildReport report = rebuild();
    EXPECT_THAT(codes(report.header), ElementsAre("object_damaged")) << run;
    EXPECT_EQ(restore(place, *store).count(kPhoto), 0U) << run;
  }
}

TEST_F(CopiedStore, GetsWhatNothingVouchesForTakenUpWithAWord)
{
  place.backup();
  copy();
  remove_manifests(folder());
  const RebuildReport report = rebuild();
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("nothing tells any more what was stored")));
  EXPECT_EQ(restore(place, *store).count(kPhoto), 1U);
}

TEST_F(CopiedStore, GetsNoDamageTakenUpThatImmichKnows)
{
  ImmichDatabase database(shared_cluster(), "rebuild_1");
  database.add_files_of(place.library());
  place.backup(place.job(database.address()));
  copy();
  damage_file(photo());
  for (const auto& entry : fs::directory_iterator(folder())) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".db")) fs::remove(entry.path());
  }
  const RebuildReport report = rebuild();
  EXPECT_THAT(report.header.problems,
              Contains(AllOf(testing::Field(&Problem::code, "object_damaged"),
                             testing::Field(&Problem::path, kPhoto))));
  const auto restored = restore(place, *store);
  EXPECT_EQ(restored.count(kPhoto), 0U);
  EXPECT_EQ(restored.count("/upload/3f2b8c1e-0000-4000-8000-000000000001/0a/1b/0a1b2c3d-2.heic"),
            1U);
}

TEST_F(CopiedStore, GetsTheContentThatImmichKnowsForAPathWhoseTimesAreLost)
{
  ImmichDatabase database(shared_cluster(), "rebuild_2");
  database.add_files_of(place.library());
  place.backup();
  // What came between has the later name.
  const FileState now = files_below(place.library()).at(kPhoto);
  put_file(place.library() + kPhoto, "an edit that was taken back", now.mtime_ns + 1);
  place.backup();
  put_file(place.library() + kPhoto, now.bytes, now.mtime_ns + 2);
  place.backup(place.job(database.address()));
  copy();
  for (const auto& entry : fs::directory_iterator(folder())) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".db")) fs::remove(entry.path());
  }
  rebuild();
  EXPECT_EQ(restore(place, *store).at(kPhoto).bytes, "first picture");
}

TEST(RebuildManifest, BelievesNoTimeThatMakesAnotherContentTheCurrentOne)
{
  Workplace place;
  ImmichDatabase database(shared_cluster(), "rebuild_3");
  database.add_files_of(place.library());
  place.backup(place.job(database.address()));
  const std::string forged = "somebody else's picture";
  const ObjectName name{"versions" + kPhoto + "/" + sha256(bytes_of(forged)).hex()};
  must(put_small(
      place.store(), name, forged,
      {{"sha256", sha256(bytes_of(forged)).hex()}, {"mtime", "2099-01-15T03:00:00.000000000Z"}},
      "image/jpeg", {}));
  must(run_rebuild_manifest(place.session()));
  EXPECT_EQ(restore(place, place.store()).at(kPhoto).bytes, "first picture");
}

TEST(RebuildManifest, TakesNothingUpForAPathThatItsNameIsNotOf)
{
  Workplace place;
  place.backup();
  const std::string bytes = "somebody else's picture";
  const std::string digest = sha256(bytes_of(bytes)).hex();
  const ObjectName name{"hashed/" + sha256(bytes_of("/upload/other.jpg")).hex() + "/" + digest};
  must(put_small(place.store(), name, bytes,
                 {{"sha256", digest},
                  {"path", escape_bytes(kPhoto)},
                  {"mtime", "2099-01-15T03:00:00.000000000Z"}},
                 "image/jpeg", {}));
  const RebuildReport report = must(run_rebuild_manifest(place.session()));
  EXPECT_THAT(codes(report.header), ElementsAre("path_unknown"));
  EXPECT_EQ(restore(place, place.store()), covered_files_below(place.library()));
}

TEST(RebuildManifest, TakesNothingUpThatIsNotWhatItsNameSays)
{
  Workplace place;
  place.backup();
  const std::string bytes = "rotten";
  const ObjectName name{"versions" + kPhoto + "/" + sha256(bytes_of("as it was")).hex()};
  must(put_small(
      place.store(), name, bytes,
      {{"sha256", sha256(bytes_of(bytes)).hex()}, {"mtime", "2099-01-15T03:00:00.000000000Z"}},
      "image/jpeg", {}));
  const RebuildReport report = must(run_rebuild_manifest(place.session()));
  EXPECT_THAT(codes(report.header), ElementsAre("object_damaged"));
  EXPECT_EQ(restore(place, place.store()), covered_files_below(place.library()));
}

TEST(RebuildManifest, GoesOnBeyondAnObjectThatNeverArrivesWhole)
{
  EmulatedBucket bucket;
  bucket.begin();
  const OpenStore opened = bucket.open();
  Workplace place;
  must(run_backup(place.session(opened), place.job()));
  for (const std::string& name : bucket.emulator().list("photos", "manifest"))
    if (name != kStoreMarker) bucket.emulator().remove("photos", name);
  bucket.emulator().add_fault({.kind = "media", .object = "1.jpg", .flip_reply = 0});
  bucket.emulator().add_fault(
      {.kind = "media", .object = "2.heic", .times = 0, .flip_reply = 1000});
  const RebuildReport report = must(run_rebuild_manifest(place.session(opened)));
  EXPECT_THAT(codes(report.header), ElementsAre("object_damaged"));
  EXPECT_THAT(report.header.problems.front().path, HasSubstr("2.heic"));
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
}

}  // namespace
}  // namespace ib::test
