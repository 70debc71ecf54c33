// SPDX-License-Identifier: Apache-2.0
//
// Nights on which little changes: each commits a delta, and what a restore brings is what it always
// brought.
#include "app/prune.hpp"
#include "app/rebuild.hpp"
#include "manifest/exchange.hpp"
#include "repository/listing.hpp"
#include "repository/restore_points.hpp"
#include "store/dir/dir_store.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/gzip.hpp"
#include "support/mortal_store.hpp"
#include "support/workplace.hpp"
#include "sys/file.hpp"

#include <filesystem>
#include <map>

namespace ib::test {
namespace {

using Files = std::map<std::string, FileState>;

constexpr std::uint64_t kManyFiles = 500;

void put_files(const std::string& folder)
{
  for (std::uint64_t i = 0; i < kManyFiles; ++i)
    put_file(folder + "/" + std::to_string(i) + ".jpg", "photo " + std::to_string(i));
}

class DeltaNights : public testing::Test {
protected:
  /// One new file each night.
  BackupReport night(int number)
  {
    put_file(place_.library() + "/upload/night" + std::to_string(number) + ".jpg",
             "photo of night " + std::to_string(number));
    BackupReport report = place_.backup();
    libraries_[*report.restore_point] = covered_files_below(place_.library());
    return report;
  }

  void expect_each_point_back()
  {
    for (const auto& [time, files] : libraries_)
      EXPECT_EQ(place_.restore(time), files) << format_iso(time);
  }

  std::string file_of(const ObjectName& object) const
  {
    return place_.store_folder() + "/" + object.value;
  }

  Workplace place_;
  std::map<Timestamp, Files> libraries_;
};

TEST_F(DeltaNights, CommitADeltaOnTheFullManifestAndNeverOneOnAnother)
{
  const BackupReport full = night(1);
  EXPECT_FALSE(full.manifest->base);
  const BackupReport second = night(2);
  ASSERT_TRUE(second.manifest->base);
  EXPECT_EQ(second.manifest->base->object, full.manifest->object);
  EXPECT_EQ(second.manifest->base->sha256, full.manifest->sha256);
  EXPECT_LT(second.manifest->bytes, full.manifest->bytes);
  const BackupReport third = night(3);
  ASSERT_TRUE(third.manifest->base);
  EXPECT_EQ(third.manifest->base->object, full.manifest->object) << "no chain";
  EXPECT_EQ(place_.restore(), covered_files_below(place_.library()));
  expect_each_point_back();
  const BackupReport quiet = place_.backup();
  EXPECT_FALSE(quiet.manifest_written);
  EXPECT_EQ(quiet.manifest->object, third.manifest->object);
  EXPECT_EQ(quiet.plan.to_read, 0U);
}

TEST_F(DeltaNights, WriteAFullManifestOnceTheDeltasComeToItsSize)
{
  const BackupReport full = night(0);
  std::uint64_t sent = 0;
  BackupReport last = full;
  for (int number = 1; number < 60; ++number) {
    last = night(number);
    if (!last.manifest->base) break;
    sent += last.manifest->bytes;
    ASSERT_LT(sent, full.manifest->bytes);
  }
  EXPECT_FALSE(last.manifest->base) << "the next full one";
  EXPECT_GT(sent, full.manifest->bytes / 2);
  EXPECT_EQ(night(60).manifest->base->object, last.manifest->object);
  expect_each_point_back();
}

TEST_F(DeltaNights, SayHowManyFilesARestoreBrings)
{
  const auto check = [&](const BackupReport& report) {
    EXPECT_EQ(report.totals.files, place_.restore().size());
    const RestorePoint point =
        must(read_restore_point(place_.session(), restore_point_name(*report.restore_point)));
    EXPECT_EQ(point.counts.files, report.totals.files);
  };
  check(night(1));
  check(night(2));
  check(place_.backup());
  fs::remove(place_.library() + "/upload/night1.jpg");
  const BackupReport removed = place_.backup();
  EXPECT_EQ(removed.totals.archived, 1U);
  check(removed);
  check(night(3));
}

TEST_F(DeltaNights, SendTheWholeManifestWhereMostOfItHasChanged)
{
  put_files(place_.library() + "/library/old template");
  night(1);
  fs::rename(place_.library() + "/library/old template",
             place_.library() + "/library/new template");
  const BackupReport moved = place_.backup();
  EXPECT_EQ(moved.moved, kManyFiles);
  EXPECT_FALSE(night(2).manifest->base) << "a delta has all of the move in it each night";
  EXPECT_EQ(place_.restore(), covered_files_below(place_.library()));
}

TEST_F(DeltaNights, NameALostBaseAndFindTheStateAgain)
{
  for (const bool is_lost : {true, false}) {
    SCOPED_TRACE(is_lost);
    fs::remove_all(place_.store_folder());
    place_.reopen_store();
    begin_store(place_.store());
    libraries_.clear();
    const BackupReport full = night(is_lost ? 1 : 11);
    const BackupReport delta = night(is_lost ? 2 : 12);
    ASSERT_TRUE(delta.manifest->base);
    const std::string file = file_of(full.manifest->object);
    if (is_lost) {
      fs::remove(file);
    } else {
      fs::resize_file(file, fs::file_size(file) / 2);
    }
    fs::remove(place_.store_folder() + "/manifest.db");
    place_.reopen_store();
    const auto refused = run_backup(place_.session(), place_.job());
    ASSERT_TRUE(fails_with(Errc::corrupt, refused));
    EXPECT_THAT(refused.error().message, HasSubstr(delta.manifest->object.value));
    EXPECT_THAT(refused.error().message, HasSubstr(full.manifest->object.value));
    EXPECT_THAT(refused.error().hint, HasSubstr("rebuild-manifest"));
    const RebuildReport rebuilt = must(run_rebuild_manifest(place_.session()));
    EXPECT_THAT(codes(rebuilt.header), IsEmpty());
    const BackupReport next = place_.backup();
    EXPECT_EQ(next.uploaded_objects, 0U) << "all that was stored is known again";
    EXPECT_EQ(place_.restore(), covered_files_below(place_.library()));
  }
}

TEST_F(DeltaNights, TakeNothingFromABaseThatHasOtherBytes)
{
  const BackupReport full = night(1);
  ASSERT_TRUE(night(2).manifest->base);
  // Every page is as SQLite wants it, and a path is another.
  const std::string file = file_of(full.manifest->object);
  std::string bytes = must(read_file(file, std::uint64_t{1} << 20U));
  const std::size_t at = bytes.find("/upload/night1.jpg");
  ASSERT_NE(at, bytes.npos);
  bytes[at + 13] = '7';
  put_file(file, bytes);
  place_.reopen_store();
  const auto refused = run_backup(place_.session(), place_.job());
  ASSERT_TRUE(fails_with(Errc::corrupt, refused));
  EXPECT_THAT(refused.error().message, HasSubstr(full.manifest->object.value));
}

TEST_F(DeltaNights, KnowWhatALostBaseAndItsDeltaHadMoved)
{
  night(1);
  fs::rename(place_.library() + "/upload/night1.jpg", place_.library() + "/upload/renamed.jpg");
  const BackupReport moved = place_.backup();
  ASSERT_TRUE(moved.manifest->base);
  fs::remove(file_of(moved.manifest->base->object));
  fs::remove(place_.store_folder() + "/manifest.db");
  place_.reopen_store();
  must(run_rebuild_manifest(place_.session()));
  EXPECT_EQ(place_.restore().count("/upload/renamed.jpg"), 1U)
      << "no object's name tells, but the delta does";
  EXPECT_EQ(place_.restore().count("/upload/night1.jpg"), 0U);
}

TEST_F(DeltaNights, GoOnFromTheManifestBeforeADamagedDelta)
{
  night(1);
  night(2);
  const BackupReport third = night(3);
  const std::string file = file_of(third.manifest->object);
  fs::resize_file(file, fs::file_size(file) / 2);
  const auto refused = run_backup(place_.session(), place_.job());
  ASSERT_TRUE(fails_with(Errc::corrupt, refused));
  EXPECT_THAT(refused.error().hint, HasSubstr("--ignore-manifest"));
  Session session = place_.session();
  session.ignored_manifests = {third.manifest->object.value};
  const BackupReport next = must(run_backup(session, place_.job()));
  EXPECT_EQ(next.uploaded_objects, 0U) << "its file is found under its name";
  fs::remove_all(place_.target());
  must(run_restore(session, {.target = place_.target()}));
  EXPECT_EQ(files_below(place_.target()), covered_files_below(place_.library()));
}

TEST_F(DeltaNights, MergeHeadsIntoAFullManifest)
{
  night(1);
  night(2);
  fs::copy(place_.store_folder(), place_.path("other"), fs::copy_options::recursive);
  const auto other = open_dir_store(place_.path("other"));
  ASSERT_TRUE(run_backup(place_.session(*other), place_.job()));
  put_file(place_.library() + "/upload/a.jpg", "only in the first");
  ASSERT_TRUE(place_.backup().manifest->base);
  fs::remove(place_.library() + "/upload/a.jpg");
  put_file(place_.library() + "/upload/b.jpg", "only in the second");
  ASSERT_TRUE(must(run_backup(place_.session(*other), place_.job())).manifest->base);
  const std::string copy =
      "cp -an --preserve=xattr '" + place_.path("other") + "/.' '" + place_.store_folder() + "/'";
  ASSERT_EQ(std::system(copy.c_str()), 0);
  put_file(place_.library() + "/upload/a.jpg", "only in the first");
  const BackupReport merged = place_.backup();
  EXPECT_TRUE(merged.manifest_written);
  EXPECT_FALSE(merged.manifest->base);
  EXPECT_EQ(merged.uploaded_objects, 0U);
  EXPECT_EQ(place_.restore(), covered_files_below(place_.library()));
}

/// A bucket, and a clock that the test sets.
class DeltaNightsInABucket : public testing::Test {
protected:
  DeltaNightsInABucket()
  {
    bucket_.begin();
    put_files(place_.library() + "/upload/many");
  }

  BackupReport night(int day)
  {
    clock_ = kFirst + std::chrono::days(day);
    put_file(place_.library() + "/upload/night" + std::to_string(day) + ".jpg",
             "photo of night " + std::to_string(day));
    MortalStore machine(*opened_.store, clock_, {}, 1);
    return must(run_backup(place_.session(machine), place_.job()));
  }

  /// What manifest.db is of, and whether it is a full manifest.
  std::string run_of_copy()
  {
    const std::string file = place_.path("copy.db");
    put_file(file, gunzip(*bucket_.emulator().content("photos", "manifest.db")));
    const Manifest copy = must(Manifest::open(file, "manifest.db"));
    EXPECT_FALSE(must(base_of(copy))) << "whoever reads it has nothing else";
    return must(copy.metadata("run")).value();
  }

  static constexpr Timestamp kFirst{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1} +
                                    std::chrono::hours(3)};
  Workplace place_;
  EmulatedBucket bucket_;
  OpenStore opened_ = bucket_.open();
  Timestamp clock_ = kFirst;
};

TEST_F(DeltaNightsInABucket, RenewTheWholeCopyForPeopleOnceAWeek)
{
  night(0);
  const std::string first = run_of_copy();
  ASSERT_TRUE(night(3).manifest->base);
  EXPECT_EQ(run_of_copy(), first);
  ASSERT_TRUE(night(6).manifest->base);
  EXPECT_EQ(run_of_copy(), first);
  ASSERT_TRUE(night(7).manifest->base);
  const std::string second = run_of_copy();
  EXPECT_NE(second, first);
  ASSERT_TRUE(night(8).manifest->base);
  EXPECT_EQ(run_of_copy(), second);
}

TEST_F(DeltaNightsInABucket, AskForOneThingMoreWhereADeltaLiesOnTheManifest)
{
  const auto backup = [&] { return must(run_backup(place_.session(opened_), place_.job())); };
  const auto requests_of_a_quiet_night = [&] {
    const OpenStore next = bucket_.open();
    bucket_.emulator().reset_stats();
    const BackupReport report = must(run_backup(place_.session(next), place_.job()));
    EXPECT_EQ(report.plan.to_read, 0U);
    EXPECT_FALSE(report.manifest_written);
    return bucket_.emulator().stats().requests;
  };
  ASSERT_FALSE(backup().manifest->base);
  const std::uint64_t over_a_full_one = requests_of_a_quiet_night();
  EXPECT_LE(over_a_full_one, 6U);
  put_file(place_.library() + "/upload/new.jpg", "new");
  ASSERT_TRUE(backup().manifest->base);
  EXPECT_EQ(requests_of_a_quiet_night(), over_a_full_one + 1);
}

TEST_F(DeltaNightsInABucket, FindTheirBaseUnderTheNameThatRedateGaveIt)
{
  ASSERT_FALSE(night(400).manifest->base);
  const BackupReport delta = night(401);
  ASSERT_TRUE(delta.manifest->base);
  clock_ = kFirst;  // it was a year ahead
  MortalStore machine(*opened_.store, clock_, {}, 1);
  ASSERT_FALSE(run_backup(place_.session(machine), place_.job()));
  must(run_redate(place_.session(machine)));
  EXPECT_FALSE(bucket_.emulator().object("photos", delta.manifest->base->object.value));
  const RestorePoint redated = must(choose_restore_point(
      place_.session(machine), must(list_manifests(place_.session(machine))), std::nullopt));
  ASSERT_TRUE(redated.manifest->base);
  EXPECT_TRUE(bucket_.emulator().object("photos", redated.manifest->base->object.value));
  const BackupReport next = must(run_backup(place_.session(machine), place_.job()));
  EXPECT_EQ(next.uploaded_objects, 0U);
  EXPECT_EQ(next.added, 0U) << "it knows all that was stored";
  fs::remove_all(place_.target());
  must(run_restore(place_.session(machine), {.target = place_.target()}));
  EXPECT_EQ(files_below(place_.target()), covered_files_below(place_.library()));
}

}  // namespace
}  // namespace ib::test
