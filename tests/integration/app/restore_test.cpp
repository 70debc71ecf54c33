// SPDX-License-Identifier: Apache-2.0
#include "core/records/file_record.hpp"
#include "manifest/manifest.hpp"
#include "repository/catalog.hpp"
#include "repository/commit.hpp"
#include "repository/proofs.hpp"
#include "store/dir/dir_store.hpp"
#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>

namespace ib::test {
namespace {

const std::string kPhoto = "/library/admin/2021/2021-07-04/DSC01003.jpg";

/// The object with the content of kPhoto. Another file has the same, and either may have given it
/// its name.
std::string photo_object(const Workplace& place)
{
  const std::string object = place.store_folder() + "/library" + kPhoto;
  if (fs::exists(object)) return object;
  return place.store_folder() + "/library/library/admin/2022/same content.jpg";
}

TEST(Restore, TakesPatternsAndLeavesTheRest)
{
  Workplace place;
  place.backup();
  const RestoreReport report =
      run_restore(place.session(), {.target = place.target(), .patterns = {"*.xmp", "/profile/"}})
          .value();
  EXPECT_EQ(report.restored, 3U);
  const auto files = files_below(place.target());
  EXPECT_EQ(files.size(), 3U);
  EXPECT_FALSE(fs::exists(place.target() + "/thumbs"));
}

TEST(Restore, SaysSoWhereNothingMatches)
{
  Workplace place;
  place.backup();
  EXPECT_EQ(run_restore(place.session(), {.target = place.target(), .patterns = {"*.nothing"}})
                .error()
                .code,
            Errc::invalid);
  EXPECT_FALSE(fs::exists(place.target()));
}

TEST(Restore, RefusesATargetThatHoldsFilesUnlessTold)
{
  Workplace place;
  place.backup();
  put_file(place.target() + kPhoto, "mine");
  put_file(place.target() + "/upload/holiday.jpg", "mine");
  const auto refused = run_restore(place.session(), {.target = place.target()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_THAT(refused.error().hint, HasSubstr("--overwrite"));

  const RestoreReport kept =
      run_restore(place.session(), {.target = place.target(), .overwrite = Overwrite::never})
          .value();
  EXPECT_EQ(kept.kept, 1U);
  EXPECT_EQ(files_below(place.target())[kPhoto].bytes, "mine");
  std::filesystem::remove(place.target() + "/upload/holiday.jpg");

  const RestoreReport replaced =
      run_restore(place.session(), {.target = place.target(), .overwrite = Overwrite::if_different})
          .value();
  EXPECT_EQ(replaced.restored, 1U);
  EXPECT_EQ(replaced.whole, covered_files_below(place.library()).size() - 1);
  EXPECT_EQ(files_below(place.target()), covered_files_below(place.library()));
}

TEST(Restore, GoesOnWithItsOwnTargetWithoutFetchingAgainWhatIsWhole)
{
  Workplace place;
  place.backup();
  const auto expected = covered_files_below(place.library());
  ASSERT_TRUE(
      run_restore(place.session(), {.target = place.target(), .patterns = {"/library/", "*.mov"}}));
  const std::size_t there = files_below(place.target()).size();
  const RestoreReport report = run_restore(place.session(), {.target = place.target()}).value();
  EXPECT_TRUE(report.header.problems.empty());
  EXPECT_EQ(report.whole, there);
  EXPECT_EQ(report.restored, expected.size() - there);
  EXPECT_EQ(files_below(place.target()), expected);
}

TEST(Restore, LeavesAnotherFileOfThatNameAloneAndSaysSo)
{
  Workplace place;
  place.backup();
  put_file(place.target() + kPhoto, "mine");
  const RestoreReport report = run_restore(place.session(), {.target = place.target()}).value();
  EXPECT_THAT(codes(report.header), ElementsAre("not_replaced"));
  EXPECT_EQ(report.header.problems[0].path, kPhoto);
  EXPECT_EQ(files_below(place.target())[kPhoto].bytes, "mine");
  EXPECT_EQ(report.restored, covered_files_below(place.library()).size() - 1);
}

TEST(Restore, TakesATargetThatOnlyAFreshServerHasUsed)
{
  Workplace place;
  place.backup();
  for (const char* folder : {"upload", "library", "thumbs"})
    put_file(place.target() + "/" + folder + "/.immich", "1");
  EXPECT_TRUE(run_restore(place.session(), {.target = place.target()}));
}

TEST(Restore, NeverWritesADamagedObjectAndRestoresTheRest)
{
  Workplace place;
  place.backup();
  damage_file(photo_object(place));
  const RestoreReport report = run_restore(place.session(), {.target = place.target()}).value();
  EXPECT_EQ(report.damaged, 2U);  // the file, and the one that shares its content
  EXPECT_THAT(codes(report.header), Each("object_damaged"));
  auto expected = covered_files_below(place.library());
  expected.erase(kPhoto);
  expected.erase("/library/admin/2022/same content.jpg");
  EXPECT_EQ(files_below(place.target()), expected);
}

TEST(Restore, NeverFollowsALinkOutOfTheTarget)
{
  Workplace place;
  place.backup();
  fs::create_directories(place.path("outside"));
  // A top folder may be a link; nothing below one.
  fs::create_directories(place.target() + "/library");
  fs::create_directory_symlink(place.path("outside"), place.target() + "/library/admin");
  const RestoreReport report = run_restore(place.session(), {.target = place.target(),
                                                             .patterns = {"/library/admin/"},
                                                             .overwrite = Overwrite::always})
                                   .value();
  EXPECT_EQ(report.restored, 0U);
  EXPECT_THAT(codes(report.header), Each("not_restored"));
  EXPECT_TRUE(fs::is_empty(place.path("outside")));
}

TEST(Restore, RefusesPathsThatLeadOutOfTheTarget)
{
  Workplace place;
  place.backup();
  // A manifest that somebody else wrote into the bucket.
  Catalog catalog = require_catalog(place.session()).value();
  must(catalog.manifest.begin_run({.generation = catalog.generation + 1,
                                   .run = "test",
                                   .started = Timestamp(std::chrono::seconds(1'700'000'000))}));
  FileRecord evil = catalog.manifest.find(kPhoto).value().value();
  evil.object = evil.object_name();
  for (const char* path :
       {"/../escaped.jpg", "/upload/../../escaped.jpg", "//etc/escaped.jpg", "escaped.jpg"}) {
    evil.path = path;
    ASSERT_TRUE(catalog.manifest.record(evil));
  }
  RestorePoint point{.run = "test", .covers = {.files = true}};
  std::vector<std::string> notes;
  ASSERT_TRUE(commit_catalog(place.session(), catalog, point, nullptr, notes));

  const RestoreReport report = run_restore(place.session(), {.target = place.target()}).value();
  EXPECT_THAT(codes(report.header),
              ElementsAre("unsafe_path", "unsafe_path", "unsafe_path", "unsafe_path"));
  EXPECT_FALSE(fs::exists(place.path("escaped.jpg")));
  EXPECT_EQ(files_below(place.target()), covered_files_below(place.library()));
}

TEST(Restore, SaysThatAPointHasLostItsOwnManifest)
{
  Workplace place;
  place.backup();
  put_file(place.library() + "/upload/own.jpg", "of the manifest that is lost");
  const BackupReport first = place.backup();
  const auto before = covered_files_below(place.library());
  put_file(place.library() + "/upload/later.jpg", "later");
  fs::remove(place.library() + kPhoto);
  place.backup();
  fs::remove(place.store_folder() + "/" + first.manifest->object.value);
  const RestoreReport report =
      must(run_restore(place.session(), {.target = place.target(), .at = first.restore_point}));
  EXPECT_THAT(codes(report.header), ElementsAre("manifest_lost"));
  EXPECT_EQ(outcome_of(report), Outcome::incomplete);
  EXPECT_EQ(files_below(place.target()), before) << "by the history in the newer one";
}

TEST(Restore, FollowsTopFoldersThatAreLinksToAnotherDisk)
{
  Workplace place;
  place.backup();
  fs::create_directories(place.target());
  fs::create_directories(place.path("another disk"));
  fs::create_directory_symlink(place.path("another disk"), place.target() + "/upload");
  must(run_restore(place.session(), {.target = place.target()}));
  EXPECT_TRUE(fs::is_symlink(place.target() + "/upload"));
  for (const auto& [path, file] : covered_files_below(place.library()))
    EXPECT_TRUE(fs::exists(place.target() + path)) << path;
  EXPECT_TRUE(fs::exists(place.path("another disk") + "/.immich"));
  // Once more, into what is there then; and no link further below is followed.
  EXPECT_EQ(must(run_restore(place.session(), {.target = place.target()})).restored, 0U);
  fs::remove_all(place.target() + "/library");
  fs::create_directories(place.target() + "/library");
  fs::create_directory_symlink(place.path("another disk"), place.target() + "/library/admin");
  const auto led_astray = run_restore(
      place.session(), {.target = place.target(), .overwrite = Overwrite::if_different});
  ASSERT_TRUE(led_astray);
  EXPECT_THAT(codes(led_astray->header), ::testing::Contains("not_restored"));
}

TEST(Restore, GoesOnWhereAnEarlierOneWasInterrupted)
{
  Workplace place;
  place.backup();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(run_restore(place.session(place.store(), stop.get_token()), {.target = place.target()})
                .error()
                .code,
            Errc::cancelled);
  const RestoreReport report =
      run_restore(place.session(), {.target = place.target(), .overwrite = Overwrite::if_different})
          .value();
  EXPECT_TRUE(report.header.problems.empty());
  EXPECT_EQ(files_below(place.target()), covered_files_below(place.library()));
}

TEST(Restore, DryRunWritesNothing)
{
  Workplace place;
  place.backup();
  const RestoreReport report =
      run_restore(place.session(), {.target = place.target(), .dry_run = true}).value();
  EXPECT_EQ(report.selected, covered_files_below(place.library()).size());
  EXPECT_EQ(report.bytes_per_second, 12'500'000U);
  EXPECT_FALSE(report.rate_is_limited);
  const RestoreReport slow =
      run_restore(place.session(), {.target = place.target(),
                                    .dry_run = true,
                                    .bandwidth = BandwidthTimetable::parse("1k").value()})
          .value();
  EXPECT_TRUE(slow.rate_is_limited);
  EXPECT_EQ(slow.duration.count(), static_cast<std::int64_t>(report.selected_bytes / 1024));
  EXPECT_FALSE(fs::exists(place.target()));
}

TEST(Restore, NeedsNothingButTheStore)
{
  Workplace place;
  const auto before = covered_files_below(place.library());
  place.backup();
  fs::remove_all(place.library());
  // A plain copy, as people make them to a new disk: without extended attributes.
  fs::rename(place.store_folder(), place.path("elsewhere"));
  const std::string copy =
      "cp -r '" + place.path("elsewhere") + "' '" + place.path("new disk") + "'";
  ASSERT_EQ(std::system(copy.c_str()), 0);
  const auto store = open_dir_store(place.path("new disk"));
  ASSERT_TRUE(run_restore(place.session(*store), {.target = place.target()}));
  EXPECT_EQ(files_below(place.target()), before);
}

TEST(Verify, FindsAMissingACutAndADamagedObject)
{
  Workplace place;
  place.backup();
  EXPECT_THAT(codes(place.verify_all().header), IsEmpty());

  fs::remove(place.store_folder() +
             "/library/profile/3f2b8c1e-0000-4000-8000-000000000001/avatar.jpg");
  fs::resize_file(place.store_folder() + "/library/library/admin/2021/2021-07-04/DSC01003.jpg.xmp",
                  3);
  const VerifyReport listed = run_verify(place.session(), {}).value();
  EXPECT_EQ(listed.damaged, 2U);
  EXPECT_THAT(codes(listed.header), ElementsAre("object_damaged", "object_missing"));

  // Not a file that has a twin: of two with the same content either may give the object its name.
  damage_file(place.store_folder() +
              "/library/upload/3f2b8c1e-0000-4000-8000-000000000001/0a/1b/0a1b2c3d-1.jpg");
  const VerifyReport read = place.verify_all();
  EXPECT_EQ(read.damaged, 3U);
  EXPECT_EQ(read.read_back, read.objects - 3);
}

TEST(Verify, ReadsASampleBack)
{
  Workplace place;
  place.backup();
  const VerifyReport report = run_verify(place.session(), {.sample = 4}).value();
  EXPECT_EQ(report.read_back, 4U);
  EXPECT_EQ(run_verify(place.session(), {.sample = 1000}).value().read_back, report.objects);
}

TEST(Verify, LeavesAProofThatStatusShows)
{
  Workplace place;
  place.backup();
  EXPECT_FALSE(run_status(place.session())->last_verified);
  place.verify_all();
  const StatusReport status = run_status(place.session()).value();
  EXPECT_TRUE(status.last_verified);
  EXPECT_TRUE(status.last_verified_ok);
}

TEST(Status, SaysThatThereIsNoBackupYet)
{
  Workplace place;
  const StatusReport status = run_status(place.session()).value();
  EXPECT_FALSE(status.newest);
  EXPECT_EQ(run_verify(place.session(), {}).error().code, Errc::invalid);
  EXPECT_TRUE(place.store_is_empty());
}

TEST(Ls, ShowsEachRestorePointAsItWas)
{
  Workplace place;
  const BackupReport first = place.backup();
  fs::remove(place.library() + kPhoto);
  put_file(place.library() + "/upload/new.jpg", "new");
  place.backup();
  const auto has = [](const std::vector<FileRecord>& records, std::string_view path) {
    return std::ranges::any_of(records,
                               [&](const FileRecord& record) { return record.path == path; });
  };
  EXPECT_FALSE(has(place.ls(), kPhoto));
  EXPECT_TRUE(has(place.ls(), "/upload/new.jpg"));
  EXPECT_TRUE(has(place.ls(first.restore_point), kPhoto));
  EXPECT_FALSE(has(place.ls(first.restore_point), "/upload/new.jpg"));
}

}  // namespace
}  // namespace ib::test
