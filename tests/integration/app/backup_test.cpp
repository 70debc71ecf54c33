// SPDX-License-Identifier: Apache-2.0
#include "app/session.hpp"
#include "repository/signed_store.hpp"
#include "store/dir/dir_store.hpp"
#include "support/at_step.hpp"
#include "support/emulated_bucket.hpp"
#include "support/gzip.hpp"
#include "support/mortal_store.hpp"
#include "support/workplace.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <functional>

namespace ib::test {
namespace {

TEST(Backup, BringsBackEveryByteNameAndTime)
{
  Workplace place;
  const auto before = covered_files_below(place.library());
  const BackupReport report = place.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.added + report.copied, before.size());

  fs::remove_all(place.library());
  EXPECT_EQ(place.restore(), before);
}

TEST(Backup, MakesTheFoldersAndMarkersThatImmichNeedsToStart)
{
  Workplace place;
  place.backup();
  place.restore();
  for (const char* folder :
       {"upload", "library", "profile", "thumbs", "encoded-video", "backups"}) {
    EXPECT_TRUE(fs::is_regular_file(place.target() + "/" + folder + "/.immich")) << folder;
  }
}

TEST(Backup, SendsNothingWhenNothingHasChanged)
{
  Workplace place;
  place.backup();
  const auto objects = place.objects();
  const BackupReport again = place.backup();
  EXPECT_EQ(again.uploaded_objects, 0U);
  EXPECT_EQ(again.plan.to_read, 0U);
  EXPECT_FALSE(again.manifest_written);
  // One restore point more, and nothing else.
  EXPECT_EQ(place.objects().size(), objects.size() + 1);
}

TEST(Backup, NeverBacksUpMarkersOrWhatImmichMakesAgain)
{
  Workplace place;
  const BackupReport report = place.backup();
  for (const std::string& name : place.objects("library/")) {
    EXPECT_THAT(name, Not(HasSubstr(".immich")));
    EXPECT_THAT(name, Not(HasSubstr("thumbs/")));
    EXPECT_THAT(name, Not(HasSubstr("backups/")));
  }
  EXPECT_THAT(report.left_out,
              Contains("thumbs/ and 1 file in encoded-video/ (Immich makes them again)"));
}

TEST(Backup, KeepsTheVideosOfMotionPhotosThoughTheyLieAmongTranscodes)
{
  Workplace place;
  place.backup();
  const auto names = place.objects("library/encoded-video/");
  EXPECT_THAT(names, ElementsAre(HasSubstr("abcd0000-MP.mp4")));
}

TEST(Backup, IncludesAndExcludesByPattern)
{
  Workplace place;
  BackupJob job = place.job();
  job.include = {"thumbs/"};
  job.exclude = {"*.xmp", "library/admin/2022/"};
  place.backup(job);
  EXPECT_THAT(place.objects("library/thumbs/"), ElementsAre(HasSubstr("preview.jpeg")));
  for (const std::string& name : place.objects("library/"))
    EXPECT_THAT(name, Not(HasSubstr(".xmp")));
  EXPECT_THAT(place.objects("library/library/admin/2022/"), IsEmpty());
}

TEST(Backup, ArchivesNothingBecauseARuleWasAdded)
{
  Workplace place;
  place.backup();
  BackupJob job = place.job();
  job.exclude = {"*.xmp"};
  const BackupReport report = place.backup(job);
  EXPECT_EQ(report.archived, 0U);
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
}

TEST(Backup, KeepsBothVersionsOfAFileThatChanged)
{
  Workplace place;
  const std::string sidecar = "/library/admin/2021/2021-07-04/DSC01003.jpg.xmp";
  const auto before = covered_files_below(place.library());
  const BackupReport first = place.backup();
  // The same size: only the time tells.
  put_file(place.library() + sidecar, "<x:xmpmeta>2</x:xmpmeta>");
  const auto after = covered_files_below(place.library());
  const BackupReport second = place.backup();
  EXPECT_EQ(second.changed, 1U);
  EXPECT_EQ(second.uploaded_objects, 1U);
  EXPECT_THAT(place.objects("versions/"), ElementsAre(HasSubstr("DSC01003.jpg.xmp/")));

  EXPECT_EQ(place.restore(), after);
  EXPECT_EQ(place.restore(first.restore_point), before);
}

TEST(Backup, RecordsATouchedFileWithoutSendingIt)
{
  Workplace place;
  place.backup();
  put_file(place.library() + "/library/admin/2022/same content.jpg", "template picture",
           1'700'000'000'000'000'000);
  const BackupReport report = place.backup();
  EXPECT_EQ(report.touched, 1U);
  EXPECT_EQ(report.uploaded_objects, 0U);
  EXPECT_TRUE(report.manifest_written);
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
}

TEST(Backup, MovesAWholeFolderWithoutSendingAByte)
{
  Workplace place;
  place.backup();
  fs::rename(place.library() + "/library/admin", place.library() + "/library/renamed");
  const BackupReport report = place.backup();
  EXPECT_EQ(report.uploaded_objects, 0U);
  EXPECT_EQ(report.moved, report.archived);
  EXPECT_EQ(report.added, 0U);
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
  EXPECT_THAT(codes(place.verify_all().header), IsEmpty());
}

TEST(Backup, SendsTheSameContentOnceHoweverManyPathsHaveIt)
{
  Workplace place;
  for (int i = 0; i < 20; ++i)
    put_file(place.library() + "/upload/u/copy" + std::to_string(i) + ".jpg",
             "twenty times the same");
  const BackupReport report = place.backup();
  EXPECT_THAT(place.objects("library/upload/u/"), SizeIs(1));
  EXPECT_EQ(report.copied, 20U);  // 19 of these, and one in the sample library
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
}

TEST(Backup, KeepsAFileThatIsGoneAndForgetsItOnlyInNewerRestorePoints)
{
  Workplace place;
  const auto before = covered_files_below(place.library());
  const BackupReport first = place.backup();
  fs::remove(place.library() + "/library/admin/2021/empty.jpg");
  const BackupReport second = place.backup();
  EXPECT_EQ(second.archived, 1U);
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
  EXPECT_EQ(place.restore(first.restore_point), before);

  put_file(place.library() + "/library/admin/2021/empty.jpg", "");
  const BackupReport third = place.backup();
  EXPECT_EQ(third.returned, 1U);
  EXPECT_EQ(third.uploaded_objects, 0U);
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
  EXPECT_EQ(place.restore(second.restore_point).count("/library/admin/2021/empty.jpg"), 0U);
}

TEST(Backup, ArchivesNothingBelowAFolderWithoutItsMarker)
{
  Workplace place;
  place.backup();
  fs::remove_all(place.library() + "/library");  // as if its disk were not mounted
  fs::create_directory(place.library() + "/library");
  const BackupReport report = place.backup();
  EXPECT_EQ(report.archived, 0U);
  EXPECT_THAT(codes(report.header), ElementsAre("missing_but_kept"));
  EXPECT_GT(place.restore().count("/library/admin/2021/2021-07-04/DSC01003.jpg"), 0U);
}

TEST(Backup, ArchivesNothingBelowAFolderThatIsAbsent)
{
  Workplace place;
  place.backup();
  fs::remove_all(place.library() + "/upload");
  const BackupReport report = place.backup();
  EXPECT_EQ(report.archived, 0U);
  EXPECT_THAT(codes(report.header), ElementsAre("missing_but_kept"));
}

TEST(Backup, RefusesAMediaRootThatHoldsNoLibrary)
{
  Workplace place;
  BackupJob job = place.job();
  job.library = place.path("nowhere");
  EXPECT_EQ(run_backup(place.session(), job).error().code, Errc::invalid);
  fs::create_directories(place.path("nowhere/thumbs"));
  const auto empty = run_backup(place.session(), job);
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().message, HasSubstr("no library"));
}

TEST(Backup, NamesWhatHasNoContentAndSavesTheRest)
{
  Workplace place;
  const std::string folder = place.library() + "/library/admin/2021/";
  ASSERT_EQ(::mkfifo((folder + "fifo.jpg").c_str(), 0644), 0);
  fs::create_symlink("/etc/passwd", folder + "link.jpg");
  const int sock = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const fs::path back = fs::current_path();
  fs::current_path(folder);  // a socket's path is short
  std::snprintf(address.sun_path, sizeof address.sun_path, "socket.jpg");
  ASSERT_EQ(::bind(sock, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  fs::current_path(back);

  const BackupReport report = place.backup();
  ::close(sock);
  EXPECT_THAT(codes(report.header),
              UnorderedElementsAre("special_file", "symlink", "special_file"));
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
}

TEST(Backup, NamesAFileThatDisappearsWhileItIsBackedUp)
{
  Workplace place;
  // The plan says that it is there; the reading finds that it is not.
  const std::string file = place.library() + "/library/admin/2021/2021-07-04/DSC01003.jpg.xmp";
  AtStep progress(kSendingFiles, [&] { fs::remove(file); });
  const BackupReport report = run_backup(place.session(progress), place.job()).value();
  EXPECT_THAT(codes(report.header), ElementsAre("vanished"));
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
}

TEST(Backup, NeverOverwritesWhatAStrangerPutAtItsName)
{
  Workplace place;
  put_file(place.store_folder() + "/library/library/admin/2021/empty.jpg", "not ours");
  // Objects without a manifest and without a run that began are a lost manifest, not a new store.
  EXPECT_EQ(run_backup(place.session(), place.job()).error().code, Errc::corrupt);
  fs::remove(place.store_folder() + "/library/library/admin/2021/empty.jpg");

  place.backup();
  put_file(place.library() + "/upload/new.jpg", "ours");
  put_file(place.store_folder() + "/library/upload/new.jpg", "not ours");
  const BackupReport report = place.backup();
  EXPECT_THAT(
      report.header.notes,
      Contains(HasSubstr("library/upload/new.jpg was left alone: it holds other content;")));
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
  EXPECT_EQ(read_file(place.store_folder() + "/library/upload/new.jpg", 100).value(), "not ours");
}

TEST(Backup, StoresAFileWhoseNameAFolderHadBefore)
{
  Workplace place;
  put_file(place.library() + "/upload/name/inner.jpg", "inner");
  place.backup();
  fs::remove_all(place.library() + "/upload/name");
  put_file(place.library() + "/upload/name", "now a file");
  place.backup();
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
  fs::remove(place.library() + "/upload/name");
  put_file(place.library() + "/upload/name/inner.jpg", "inner again");
  place.backup();
  EXPECT_EQ(place.restore(), covered_files_below(place.library()));
}

TEST(Backup, ReadsAFileAgainWhoseTimeIsTooYoungToBeTrusted)
{
  Workplace place;
  const std::string path = place.library() + "/upload/young.jpg";
  std::ofstream(path) << "one";
  place.backup();
  const std::int64_t mtime = InputFile::open(path)->stat()->mtime_ns;
  put_file(path, "two", mtime);  // the same size and time
  const BackupReport report = place.backup();
  EXPECT_EQ(report.changed, 1U);
  EXPECT_EQ(place.restore()["/upload/young.jpg"].bytes, "two");
}

TEST(Backup, DryRunWritesNothing)
{
  Workplace place;
  BackupJob job = place.job();
  job.dry_run = true;
  const BackupReport report = place.backup(job);
  EXPECT_EQ(report.plan.to_read, covered_files_below(place.library()).size());
  EXPECT_TRUE(place.store_is_empty());
}

TEST(Backup, RefusesToStartAfreshWhereTheManifestIsLost)
{
  Workplace place;
  place.backup();
  for (const std::string& name : place.objects("manifest"))
    fs::remove(place.store_folder() + "/" + name);
  const auto run = run_backup(place.session(), place.job());
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, Errc::corrupt);
  EXPECT_THAT(run.error().hint, HasSubstr("rebuild-manifest"));
}

TEST(Backup, RefusesADamagedManifest)
{
  Workplace place;
  const BackupReport first = place.backup();
  const std::string file = place.store_folder() + "/" + first.manifest->object.value;
  fs::resize_file(file, fs::file_size(file) / 2);
  const auto run = run_backup(place.session(), place.job());
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, Errc::corrupt);
  EXPECT_THAT(run.error().message, HasSubstr(first.manifest->object.value));
  EXPECT_THAT(run.error().hint, HasSubstr("rebuild-manifest"));
}

TEST(Backup, FindsOneFlippedBitInACopiedManifest)
{
  Workplace place;
  const BackupReport first = place.backup();
  // Copied without attributes, the restore point's own record of the SHA-256 has to tell.
  const std::string copy = "cp -r '" + place.store_folder() + "' '" + place.path("copy") + "'";
  ASSERT_EQ(std::system(copy.c_str()), 0);
  const std::string file = place.path("copy") + "/" + first.manifest->object.value;
  std::string bytes = read_file(file, 1 << 24).value();
  const std::size_t row = bytes.find("/library/admin/2021");
  ASSERT_NE(row, std::string::npos);
  bytes[row + 3] ^= 1;  // another path, and nothing that SQLite could notice
  std::ofstream(file, std::ios::binary) << bytes;
  const auto store = open_dir_store(place.path("copy"));
  const auto run = run_backup(place.session(*store), place.job());
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, Errc::corrupt);
}

TEST(Backup, RefusesAManifestFromTheFutureByName)
{
  Workplace place;
  const BackupReport first = place.backup();
  fs::copy(place.store_folder() + "/" + first.manifest->object.value,
           place.store_folder() + "/manifest-29990101T000000Z.db");
  const auto run = run_backup(place.session(), place.job());
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, HasSubstr("manifest-29990101T000000Z.db"));
  Session session = place.session();
  session.ignored_manifests = {"manifest-29990101T000000Z.db"};
  EXPECT_TRUE(run_backup(session, place.job()));
}

TEST(Backup, DoesNotGoOnFromTheCopyOfAManifestThatIsIgnored)
{
  Workplace place;
  // The only run there was, by a clock that stood years ahead.
  const BackupReport first = place.backup();
  Session session = place.session();
  session.ignored_manifests = {first.manifest->object.value,
                               restore_point_name(*first.restore_point).value};
  const auto run = run_backup(session, place.job());
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, Errc::corrupt);
  EXPECT_THAT(run.error().hint, HasSubstr("rebuild-manifest"));
}

TEST(Backup, LeavesTheRestorePointAsItIsThatAnotherRunMadeMeanwhile)
{
  Workplace place;
  place.backup();
  const std::string edited = place.library() + "/library/admin/2021/2021-07-04/DSC01003.jpg.xmp";
  put_file(place.library() + "/upload/only in the first.jpg", "only in the first");
  put_file(edited, "as the first run reads it");
  std::map<std::string, FileState> as_the_second_saw_it;
  std::optional<Timestamp> second;
  AtStep progress("committing the manifest", [&] {
    fs::remove(place.library() + "/upload/only in the first.jpg");
    put_file(edited, "as the second run reads it", 1'650'000'000'000'000'000);
    as_the_second_saw_it = covered_files_below(place.library());
    second = place.backup().restore_point;
    EXPECT_EQ(place.restore(second), as_the_second_saw_it);
  });
  const BackupReport first = run_backup(place.session(progress), place.job()).value();
  EXPECT_GT(first.restore_point, second);
  EXPECT_EQ(place.restore(second), as_the_second_saw_it);
  EXPECT_EQ(place.restore(first.restore_point).count("/upload/only in the first.jpg"), 1U);
  place.backup();
  EXPECT_EQ(place.restore(), as_the_second_saw_it);
  EXPECT_EQ(place.restore(second), as_the_second_saw_it);
}

TEST(Backup, NamesTheNamesThatSomebodyHasTakenFirst)
{
  Workplace place;
  EmulatedBucket bucket;
  bucket.begin();
  const OpenStore opened = bucket.open();
  const auto store = must(SignedStore::open(
      *opened.store, {.own = std::make_shared<const MachineKey>(MachineKey::create())}));
  Session session = place.session(*store);
  session.signatures = store.get();
  must(run_backup(session, place.job()));
  put_file(place.library() + "/upload/new.jpg", "new");

  // Whoever has the night's credential can create them; nobody has signed them.
  const Timestamp now = wall_clock_now();
  std::vector<std::string> planted;
  for (int second = 0; second < 600; ++second)
    planted.push_back(manifest_name(now + std::chrono::seconds(second)).value);
  for (const std::string& name : planted) bucket.emulator().put("photos", name, "planted");
  const Result<BackupReport> run = run_backup(session, place.job());
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, Errc::precondition_failed);
  EXPECT_THAT(run.error().message, AllOf(HasSubstr(".db to manifest-"), HasSubstr("are taken")));
  EXPECT_THAT(planted, Contains(run.error().message.substr(0, planted.front().size())));
  EXPECT_THAT(store->strangers(), SizeIs(planted.size()));

  for (const std::string& name : planted) bucket.emulator().remove("photos", name);
  const BackupReport next = must(run_backup(session, place.job()));
  EXPECT_TRUE(next.complete);
  EXPECT_EQ(next.uploaded_objects, 0U);
}

TEST(Backup, MayBeTheFirstOneBesideAnotherFirstOne)
{
  for (std::size_t call = 1; call <= 12; ++call) {
    SCOPED_TRACE("the other run comes before call " + std::to_string(call));
    Workplace place;
    const Timestamp clock = must(place.store().now({}));
    MortalStore machine(place.store(), clock,
                        {.interrupted_at = call, .meanwhile = [&] { place.backup(); }}, 0);
    const auto report = run_backup(place.session(machine), place.job());
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(place.restore(), covered_files_below(place.library()));
  }
}

TEST(Backup, LosesNoRowOfTwoRunsThatKnewNothingOfEachOther)
{
  // Attributes tell each manifest's parents. Without them, its restore point does.
  for (const std::string attributes : {"--preserve=xattr", "--no-preserve=xattr"}) {
    SCOPED_TRACE(attributes);
    Workplace place;
    place.backup();
    // Two copies of one store, each with a run of its own; their objects then come together.
    fs::copy(place.store_folder(), place.path("other"), fs::copy_options::recursive);
    const auto other = open_dir_store(place.path("other"));
    // A run without a change dates the other store's next manifest a second later: both names can
    // come together.
    ASSERT_TRUE(run_backup(place.session(*other), place.job()));
    put_file(place.library() + "/upload/a.jpg", "only in the first");
    place.backup();
    fs::remove(place.library() + "/upload/a.jpg");
    put_file(place.library() + "/upload/b.jpg", "only in the second");
    ASSERT_TRUE(run_backup(place.session(*other), place.job()));
    const std::string copy =
        "cp -an " + attributes + " '" + place.path("other") + "/.' '" + place.store_folder() + "/'";
    ASSERT_EQ(std::system(copy.c_str()), 0);

    put_file(place.library() + "/upload/a.jpg", "only in the first");
    const BackupReport merged = place.backup();
    EXPECT_EQ(merged.uploaded_objects, 0U);
    EXPECT_TRUE(merged.manifest_written);
    EXPECT_EQ(place.restore(), covered_files_below(place.library()));
  }
}

TEST(Backup, StoresItsManifestInGzipInABucketAndPlainInAFolder)
{
  Workplace place;
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  bucket.begin();
  const BackupReport report = run_backup(place.session(opened), place.job()).value();
  for (const std::string& name : {report.manifest->object.value, std::string("manifest.db")}) {
    const auto object = bucket.emulator().object("photos", name);
    EXPECT_EQ(object->content_encoding, "gzip");
    const std::string plain = gunzip(*bucket.emulator().content("photos", name));
    EXPECT_TRUE(plain.starts_with("SQLite format 3"));
    EXPECT_LT(object->size, plain.size());
    EXPECT_EQ(report.manifest->bytes, plain.size());
    EXPECT_EQ(report.manifest->sha256, sha256(bytes_of(plain))) << "of the plain file";
    EXPECT_EQ(object->metadata.at("sha256"), report.manifest->sha256.hex());
  }
  for (const std::string& name : bucket.emulator().list("photos")) {
    if (name != report.manifest->object.value && name != "manifest.db") {
      EXPECT_EQ(bucket.emulator().object("photos", name)->content_encoding, "") << name;
    }
  }
  EXPECT_EQ(run_backup(place.session(opened), place.job())->plan.to_read, 0U);

  const BackupReport here = place.backup();
  std::ifstream file(place.store_folder() + "/" + here.manifest->object.value);
  std::string head(15, '\0');
  file.read(head.data(), 15);
  EXPECT_EQ(head, "SQLite format 3");
}

TEST(Backup, ReadsAManifestInTheOtherForm)
{
  Workplace place;
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  bucket.begin();
  const ObjectName name = run_backup(place.session(opened), place.job())->manifest->object;
  const auto object = *bucket.emulator().object("photos", name.value);
  const std::string gzip = *bucket.emulator().content("photos", name.value);
  // As an older version stored it, and as some tool copied it from a bucket into a folder.
  bucket.emulator().put("photos", name.value, gunzip(gzip), "STANDARD", object.metadata);
  EXPECT_EQ(bucket.emulator().object("photos", name.value)->content_encoding, "");
  EXPECT_EQ(run_backup(place.session(opened), place.job())->plan.to_read, 0U);

  const ObjectName here = place.backup().manifest->object;
  const std::string file = place.store_folder() + "/" + here.value;
  put_file(file, test::gzip(read_file(file, 1 << 24).value()));
  EXPECT_EQ(place.backup().plan.to_read, 0U);
  EXPECT_EQ(place.verify_all().damaged, 0U);
}

}  // namespace
}  // namespace ib::test
