// SPDX-License-Identifier: Apache-2.0
//
// Where a backup may go: only to a place that was begun as a store, and only of its own Immich.
#include "app/init.hpp"

#include "repository/documents.hpp"
#include "repository/restore_points.hpp"
#include "repository/store_marker.hpp"
#include "support/emulated_bucket.hpp"
#include "support/immich_database.hpp"
#include "support/temp_dir.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>
#include <string>

namespace ib::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kAnotherUser = "5c7f1a52-0000-4000-8000-000000000009";

/// A workplace whose store nobody has begun, and the database of its Immich.
class Stores : public testing::Test {
protected:
  Stores() : database_(shared_cluster(), "stores_" + std::to_string(++number_))
  {
    fs::remove_all(place_.store_folder());
    database_.add_files_of(place_.library());
  }

  BackupJob job() { return place_.job(database_.address()); }
  InitJob init_job(bool adopt = false)
  {
    return {.library = place_.library(),
            .database = DatabaseSettings{.address = database_.address()},
            .adopt = adopt,
            .key_file = keys_.file("machine.key")};
  }
  InitReport init(bool adopt = false) { return must(run_init(place_.session(), init_job(adopt))); }
  std::string marker_file() const { return place_.store_folder() + "/manifest.store.json"; }
  std::string marker() const { return must(read_file(marker_file(), 1 << 16)); }
  RestorePoint point(Timestamp time)
  {
    return must(read_restore_point(place_.session(), restore_point_name(time)));
  }
  /// What a store is that today's program has never seen: no marker, and none in restore points.
  void forget_markers()
  {
    fs::remove(marker_file());
    for (const std::string& name : place_.objects("manifest")) {
      if (!name.ends_with(".json")) continue;
      const std::string file = place_.store_folder() + "/" + name;
      std::string text = must(read_file(file, 1 << 20));
      const std::size_t at = text.find("\"store\": \"");
      if (at == std::string::npos) continue;
      text.erase(at + 10, text.find('"', at + 10) - at - 10);
      // In place: the file keeps its attributes.
      std::ofstream(file, std::ios::in | std::ios::out | std::ios::trunc | std::ios::binary)
          << text;
    }
    place_.reopen_store();
  }

  static inline int number_ = 0;
  TempDir keys_;
  Workplace place_;
  ImmichDatabase database_;
};

TEST_F(Stores, ABackupWritesNothingWhereNoStoreWasBegun)
{
  const auto into_no_folder = run_backup(place_.session(), job());
  ASSERT_TRUE(fails_with(Errc::invalid, into_no_folder));
  EXPECT_THAT(into_no_folder.error().message, HasSubstr("there is no such folder"));
  EXPECT_THAT(into_no_folder.error().hint, HasSubstr("Is the disk mounted"));
  EXPECT_FALSE(fs::exists(place_.store_folder()));

  // As Docker makes one for a bind mount whose disk is not there.
  fs::create_directory(place_.store_folder());
  const auto into_an_empty_one = run_backup(place_.session(), job());
  ASSERT_TRUE(fails_with(Errc::invalid, into_an_empty_one));
  EXPECT_THAT(into_an_empty_one.error().message, HasSubstr("the folder is empty"));
  EXPECT_THAT(into_an_empty_one.error().hint,
              HasSubstr("immich-backup init --store file://" + place_.store_folder()));
  EXPECT_TRUE(fs::is_empty(place_.store_folder()));

  BackupJob part = job();
  part.shard = Shard{.parts = 2, .part = 1};
  EXPECT_TRUE(fails_with(Errc::invalid, run_backup(place_.session(), part)));
  EXPECT_TRUE(fs::is_empty(place_.store_folder()));

  BackupJob dry = job();
  dry.dry_run = true;
  const BackupReport foreseen = place_.backup(dry);
  EXPECT_THAT(foreseen.header.notes, ::testing::Contains(HasSubstr("`immich-backup init`")));
  EXPECT_TRUE(fs::is_empty(place_.store_folder()));
}

TEST_F(Stores, ABackupWritesNothingBelowAMistypedPrefix)
{
  EmulatedBucket bucket;
  bucket.begin("home/");
  const OpenStore right = bucket.open("home/");
  const OpenStore mistyped = bucket.open("hom/");
  must(run_backup(place_.session(right), job()));
  const auto refused = run_backup(place_.session(mistyped), job());
  ASSERT_TRUE(fails_with(Errc::invalid, refused));
  EXPECT_THAT(refused.error().hint, HasSubstr("prefix"));
  EXPECT_THAT(bucket.emulator().list("photos", "hom/"), IsEmpty());
}

TEST_F(Stores, ADiskThatIsUnmountedBetweenTwoNightsIsMissedAndFoundAgain)
{
  init();
  place_.backup(job());
  fs::rename(place_.store_folder(), place_.path("unplugged"));
  fs::create_directory(place_.store_folder());  // the mount point stays
  put_file(place_.library() + "/upload/new.jpg", "new");
  EXPECT_TRUE(fails_with(Errc::invalid, run_backup(place_.session(), job())));
  EXPECT_TRUE(fs::is_empty(place_.store_folder()));
  fs::remove(place_.store_folder());
  fs::rename(place_.path("unplugged"), place_.store_folder());
  EXPECT_EQ(place_.backup(job()).uploaded_objects, 1U);
  EXPECT_EQ(place_.restore(), covered_files_below(place_.library()));
}

TEST_F(Stores, InitBeginsOneAndChangesNothingInItsOwn)
{
  const InitReport begun = init();
  EXPECT_EQ(begun.did, InitReport::Did::began);
  EXPECT_EQ(begun.marker.id.size(), 32U);
  ASSERT_EQ(begun.marker.immich.size(), 1U);
  EXPECT_FALSE(marker().contains(ImmichDatabase::user_id())) << "it tells no name";
  EXPECT_THAT(place_.objects(), ElementsAre("manifest.store.json"));

  const std::string before = marker();
  const InitReport again = init();
  EXPECT_EQ(again.did, InitReport::Did::nothing);
  EXPECT_EQ(again.marker.id, begun.marker.id);
  EXPECT_EQ(init(true).did, InitReport::Did::nothing) << "there is nothing to adopt";
  EXPECT_EQ(marker(), before);

  const BackupReport report = place_.backup(job());
  EXPECT_EQ(point(*report.restore_point).store, begun.marker.id);
  EXPECT_EQ(init().did, InitReport::Did::nothing);
  EXPECT_EQ(marker(), before);
}

TEST_F(Stores, TheMarkerIsReadFromItsContentWhereAttributesAreLost)
{
  const InitReport begun = init();
  fs::copy(place_.store_folder(), place_.path("copy"), fs::copy_options::recursive);
  fs::remove_all(place_.store_folder());
  ASSERT_EQ(std::system(("cp -r --no-preserve=all '" + place_.path("copy") + "' '" +
                         place_.store_folder() + "'")
                            .c_str()),
            0);
  const BackupReport report = place_.backup(job());
  EXPECT_EQ(point(*report.restore_point).store, begun.marker.id);
}

TEST_F(Stores, AStoreOfBeforeThereWereMarkersGetsOneAtItsNextBackup)
{
  init();
  const BackupReport first = place_.backup(job());
  forget_markers();
  ASSERT_EQ(point(*first.restore_point).store, "");

  // A part of a fleet goes on without one, and leaves it to the backup of the whole.
  BackupJob part = job();
  part.shard = Shard{.parts = 2, .part = 1};
  part.database.reset();
  place_.backup(part);
  EXPECT_FALSE(fs::exists(marker_file()));
  // Nor does any reader need it.
  EXPECT_EQ(place_.restore(), covered_files_below(place_.library()));
  // Whose Immich it is, is to be told from the beginning.
  BackupJob without_database = job();
  without_database.database->address.port = "1";
  without_database.database->wait = {};
  EXPECT_THAT(codes(place_.backup(without_database).header), ElementsAre("database"));
  EXPECT_FALSE(fs::exists(marker_file()));

  const BackupReport marked = place_.backup(job());
  EXPECT_EQ(marked.uploaded_objects, 0U);
  EXPECT_THAT(marked.header.notes, ::testing::Contains(HasSubstr("has its marker now")));
  const InitReport after = init();
  EXPECT_EQ(after.did, InitReport::Did::nothing);
  EXPECT_EQ(after.marker.immich.size(), 1U);
  EXPECT_EQ(point(*marked.restore_point).store, after.marker.id);
  EXPECT_EQ(place_.restore(first.restore_point), covered_files_below(place_.library()));
}

TEST_F(Stores, AMarkerThatIsGoneIsWrittenAgainWithTheIdThatRestorePointsRepeat)
{
  const InitReport begun = init();
  place_.backup(job());
  fs::remove(marker_file());
  place_.reopen_store();
  const BackupReport report = place_.backup(job());
  EXPECT_THAT(report.header.notes, ::testing::Contains(HasSubstr("was written again")));
  EXPECT_EQ(init().marker.id, begun.marker.id);

  fs::remove(marker_file());
  place_.reopen_store();
  const InitReport by_init = init();
  EXPECT_EQ(by_init.did, InitReport::Did::marked);
  EXPECT_EQ(by_init.marker.id, begun.marker.id);
}

TEST_F(Stores, AnotherStoresMarkerIsNamedAndMendedByTheOwner)
{
  const InitReport begun = init();
  place_.backup(job());
  fs::remove(marker_file());  // with its attributes
  put_file(marker_file(), serialize(new_marker("", {}, begun.marker.created)));
  const auto objects = place_.objects();
  const auto refused = run_backup(place_.session(), job());
  ASSERT_TRUE(fails_with(Errc::invalid, refused));
  EXPECT_THAT(refused.error().message, HasSubstr("manifest.store.json"));
  EXPECT_THAT(refused.error().hint, HasSubstr("init --adopt"));
  EXPECT_TRUE(fails_with(Errc::invalid, run_init(place_.session(), init_job())));
  EXPECT_EQ(place_.objects(), objects);
  const InitReport mended = init(true);
  EXPECT_EQ(mended.did, InitReport::Did::adopted);
  EXPECT_EQ(mended.marker.id, begun.marker.id);
  EXPECT_THAT(codes(place_.backup(job()).header), IsEmpty());
}

TEST_F(Stores, AMarkerThatCannotBeUnderstoodIsNoReasonToBeginAnew)
{
  init();
  place_.backup(job());
  for (const std::string text :
       {R"({"format": "6.0", "id": "x", "created": "2030-01-01T00:00:00Z"})", "{}", "no JSON"}) {
    fs::remove(marker_file());
    put_file(marker_file(), text);
    const auto refused = run_backup(place_.session(), job());
    ASSERT_TRUE(fails_with(Errc::invalid, refused)) << text;
    EXPECT_THAT(refused.error().message, HasSubstr("manifest.store.json")) << text;
    EXPECT_TRUE(fails_with(Errc::invalid, run_init(place_.session(), init_job()))) << text;
    EXPECT_EQ(marker(), text);
  }
  EXPECT_EQ(place_.restore(), covered_files_below(place_.library())) << "readers do not need it";
}

TEST_F(Stores, AnotherImmichIsRefusedByNameAndAdoptedByTheOwner)
{
  init();
  place_.backup(job());
  const auto objects = place_.objects();
  // The owner's second Immich, with the settings of the first one's backup.
  database_.sql("INSERT INTO \"user\" (id, email, name) VALUES ('" + std::string(kAnotherUser) +
                "', 'another@example.org', 'Another'); UPDATE asset SET \"ownerId\" = '" +
                kAnotherUser + "'; DELETE FROM \"user\" WHERE id = '" + ImmichDatabase::user_id() +
                "';");
  const auto refused = run_backup(place_.session(), job());
  ASSERT_TRUE(fails_with(Errc::invalid, refused));
  EXPECT_THAT(refused.error().message, HasSubstr(describe(database_.address())));
  EXPECT_THAT(refused.error().hint, HasSubstr("init --adopt"));
  EXPECT_EQ(place_.objects(), objects) << "nothing was written, no dump either";
  BackupJob dry = job();
  dry.dry_run = true;
  EXPECT_TRUE(fails_with(Errc::invalid, run_backup(place_.session(), dry)));
  EXPECT_TRUE(fails_with(Errc::invalid, run_init(place_.session(), init_job())));

  EXPECT_EQ(init(true).did, InitReport::Did::adopted);
  EXPECT_THAT(codes(place_.backup(job()).header), IsEmpty());
}

TEST_F(Stores, ADatabaseThatIsDownIsAskedTheNextNight)
{
  init();
  place_.backup(job());
  BackupJob down = job();
  down.database->address.port = "1";
  down.database->wait = {};
  const BackupReport report = place_.backup(down);
  EXPECT_THAT(codes(report.header), ElementsAre("database"));
}

TEST_F(Stores, OneUserWhoStaysIsEnough)
{
  database_.sql("INSERT INTO \"user\" (id, email, name) VALUES ('" + std::string(kAnotherUser) +
                "', 'another@example.org', 'Another');");
  EXPECT_EQ(init().marker.immich.size(), 2U);
  database_.sql("UPDATE asset SET \"ownerId\" = '" + std::string(kAnotherUser) +
                "'; DELETE FROM \"user\" WHERE id = '" + ImmichDatabase::user_id() + "';");
  EXPECT_THAT(codes(place_.backup(job()).header), IsEmpty());
}

TEST_F(Stores, AStoreThatDoesNotKnowItsImmichLearnsItFromTheOwner)
{
  InitJob without = init_job();
  without.database.reset();
  EXPECT_THAT(must(run_init(place_.session(), without)).marker.immich, IsEmpty());
  EXPECT_THAT(codes(place_.backup(job()).header), IsEmpty());
  EXPECT_EQ(init().did, InitReport::Did::nothing);
  const InitReport told = init(true);
  EXPECT_EQ(told.did, InitReport::Did::adopted);
  EXPECT_EQ(told.marker.immich.size(), 1U);
  EXPECT_THAT(codes(place_.backup(job()).header), IsEmpty()) << "the id is the same";
}

TEST_F(Stores, TheBackupsCredentialCannotAdopt)
{
  EmulatedBucket bucket({.credentials = kLeastPrivilege});
  const OpenStore opened = bucket.open("", "backup");
  InitJob without = init_job();
  without.database.reset();
  EXPECT_EQ(must(run_init(place_.session(opened), without)).did, InitReport::Did::began);
  const auto refused = run_init(place_.session(opened), init_job(true));
  EXPECT_TRUE(fails_with(Errc::denied, refused));
  EXPECT_THAT(codes(must(run_backup(place_.session(opened), job())).header), IsEmpty());
}

TEST_F(Stores, NoStoreLiesInTheLibraryAndNoLibraryInAStore)
{
  fs::create_directory(place_.path("disk"));
  fs::rename(place_.library() + "/upload", place_.path("disk/upload"));
  fs::create_directory_symlink(place_.path("disk/upload"), place_.library() + "/upload");
  for (const std::string& folder : {place_.library() + "/backups/own", place_.library(),
                                    fs::path(place_.library()).parent_path().string(),
                                    place_.path("disk/upload/own"), place_.path("disk")}) {
    const OpenStore inside = must(open_store(StoreAddress::of_folder(folder)));
    EXPECT_TRUE(fails_with(Errc::invalid, run_init(place_.session(inside), init_job()))) << folder;
    EXPECT_TRUE(fails_with(Errc::invalid, run_backup(place_.session(inside), job()))) << folder;
    EXPECT_FALSE(fs::exists(folder + "/manifest.store.json"));
  }
  EXPECT_EQ(init().did, InitReport::Did::began);
}

TEST_F(Stores, ALibraryOneLevelTooHighOrTooLowIsRefusedWithTheRightOneNamed)
{
  init();
  const std::string compose = place_.path("compose");
  fs::create_directory(compose);
  fs::rename(place_.library(), compose + "/library");  // as UPLOAD_LOCATION=./library has it
  fs::create_directory(compose + "/postgres");
  for (const char* wrong : {"", "/library/upload", "/library/library"}) {
    BackupJob elsewhere = job();
    elsewhere.library = compose + wrong;
    const auto refused = run_backup(place_.session(), elsewhere);
    ASSERT_TRUE(fails_with(Errc::invalid, refused)) << wrong;
    EXPECT_THAT(refused.error().hint, HasSubstr("--library " + compose + "/library,"));
  }
  BackupJob nothing = job();
  for (const std::string& wrong :
       {compose + "/postgres", std::string("/usr/lib:/usr/local/cuda/lib64")}) {
    nothing.library = wrong;
    const auto refused = run_backup(place_.session(), nothing);
    ASSERT_TRUE(fails_with(Errc::invalid, refused)) << wrong;
    EXPECT_THAT(refused.error().hint, HasSubstr("GCC")) << wrong;
  }
  EXPECT_TRUE(place_.store_is_empty());
  BackupJob right = job();
  right.library = compose + "/library";
  EXPECT_THAT(codes(place_.backup(right).header), IsEmpty());
}

}  // namespace
}  // namespace ib::test
