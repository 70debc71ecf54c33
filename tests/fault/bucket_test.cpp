// SPDX-License-Identifier: Apache-2.0
//
// Whole backups and restores over a bucket that fails in every way that the emulator can script,
// and with the least privileges that a backup needs.
#include "app/prune.hpp"
#include "app/rebuild.hpp"
#include "app/verify/drill.hpp"
#include "repository/runs.hpp"
#include "store/gcs/gcs_api.hpp"
#include "support/emulated_bucket.hpp"
#include "support/told.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <functional>
#include <utility>

namespace ib::test {
namespace {

std::map<std::string, FileState> restore(Workplace& place, const OpenStore& store)
{
  fs::remove_all(place.target());
  const auto report = run_restore(place.session(store), {.target = place.target()});
  EXPECT_TRUE(report) << report.error().message;
  if (report) {
    EXPECT_TRUE(report->header.problems.empty()) << report->header.problems.front().message;
  }
  return files_below(place.target());
}

TEST(BucketBackup, CostsOneInsertAFileAndSixRequestsWhereNothingChanged)
{
  Workplace place;
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  bucket.begin();
  const BackupReport first = run_backup(place.session(opened), place.job()).value();
  const auto stats = bucket.emulator().stats();
  EXPECT_EQ(stats.kinds.at("insert"),
            first.uploaded_objects + 6);  // two marks, two manifests, and their copies
  EXPECT_EQ(first.usage.class_a(), stats.class_a);
  EXPECT_EQ(first.usage.class_b(), stats.class_b);

  bucket.emulator().reset_stats();
  const OpenStore opened_again = bucket.open();
  const BackupReport again = run_backup(place.session(opened_again), place.job()).value();
  EXPECT_EQ(again.uploaded_objects, 0U);
  EXPECT_LE(bucket.emulator().stats().requests, 6U);
}

TEST(BucketBackup, BelievesTheBucketsClockOfWhenAnotherRunWasSeen)
{
  Workplace place;
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  bucket.begin();
  // Its machine's clock is years behind; the bucket knows that it was created just now.
  must(
      put_small(*opened.store, begin_mark_name("20260115T030000Z-0000000a"), "{}",
                {{kRunProcessKey, "a process of elsewhere"}, {kRunTimeKey, "2020-01-01T00:00:00Z"}},
                "application/json", {}));
  Told told;
  BackupJob job = place.job();
  job.silence = std::chrono::seconds(3);
  EXPECT_TRUE(ok(run_backup(place.session(*opened.store, told), job)));
  EXPECT_THAT(told.lines, testing::Contains(testing::HasSubstr("waiting for up to 3.0 s")));
}

TEST(BucketBackup, NeedsOnlyToCreateAndListAndToReadManifests)
{
  for (const bool taken_is_403 : {false, true}) {
    Workplace place;
    EmulatedBucket bucket({.credentials = kLeastPrivilege, .taken_name_is_403 = taken_is_403});
    const OpenStore opened = bucket.open("", "backup");
    bucket.begin();
    const auto before = covered_files_below(place.library());
    const BackupReport first = run_backup(place.session(opened), place.job()).value();
    EXPECT_TRUE(first.complete);
    EXPECT_THAT(first.header.notes, IsEmpty());
    put_file(place.library() + "/library/admin/2021/2021-07-04/DSC01003.jpg.xmp",
             "<x:xmpmeta>2</x:xmpmeta>");
    EXPECT_EQ(run_backup(place.session(opened), place.job())->changed, 1U);
    EXPECT_EQ(run_verify(place.session(opened), {})->damaged, 0U);
    EXPECT_TRUE(run_status(place.session(opened))->newest_complete);

    const OpenStore reader = bucket.open("", "reader");
    EXPECT_EQ(restore(place, reader), covered_files_below(place.library()));
    fs::remove_all(place.target());
    ASSERT_TRUE(
        run_restore(place.session(reader), {.target = place.target(), .at = first.restore_point}));
    EXPECT_EQ(files_below(place.target()), before);

    // What a thief of the backup's credential can do to a photo: nothing.
    const ObjectName photo{"library/library/admin/2021/2021-07-04/DSC01003.jpg"};
    EXPECT_EQ(get_small(*opened.store, photo, 1 << 20, {}).error().code, Errc::denied);
    HttpClient http;
    const std::string object =
        bucket.emulator().url() + "/storage/v1/b/photos/o/" + percent_encode(photo.value);
    const std::vector<std::string> token{"Authorization: Bearer backup",
                                         "Content-Type: application/json"};
    EXPECT_EQ(http.perform({.method = "DELETE", .url = object, .headers = token}, {})->status, 403);
    EXPECT_EQ(http.perform({.method = "PATCH",
                            .url = object,
                            .headers = token,
                            .body = bytes_of("{\"metadata\":{}}")},
                           {})
                  ->status,
              403);
    EXPECT_EQ(http.perform({.method = "POST",
                            .url = bucket.emulator().url() +
                                   "/upload/storage/v1/b/photos/o?uploadType=media&name=" +
                                   percent_encode(photo.value),
                            .headers = token,
                            .body = bytes_of("ransom")},
                           {})
                  ->status,
              403);
    EXPECT_EQ(bucket.emulator().content("photos", photo.value), "template picture");
  }
}

struct Storm {
  const char* name;
  FaultRule rule;
};

const Storm kStorms[] = {
    {"a storm of 503s", {.nth = 5, .times = 20, .status = 503}},
    {"429 with a wait",
     {.kind = "insert", .nth = 3, .times = 4, .status = 429, .retry_after = "2"}},
    {"500 now and then", {.kind = "insert", .nth = 7, .times = 2, .status = 500}},
    {"resets before the effect", {.kind = "insert", .nth = 4, .times = 3, .reset_before = true}},
    {"lost replies of inserts", {.kind = "insert", .nth = 2, .times = 5, .reset_after = true}},
    {"a lost reply of the begin mark", {.kind = "insert", .reset_after = true}},
    {"lost replies of the manifest and the restore point",
     {.kind = "insert", .nth = 17, .times = 4, .reset_after = true}},
    {"cut replies", {.kind = "insert", .nth = 6, .cut_reply = 5}},
    {"bytes damaged on their way up", {.kind = "insert", .nth = 5, .flip_stored = 0}},
    {"replies that are not JSON", {.kind = "list", .nth = 2, .not_json = true}},
    {"listings that break", {.kind = "list", .times = 3, .reset_before = true}},
    {"an upload that dies", {.kind = "chunk", .lose_upload = 410}},
    {"an upload that stores less", {.kind = "chunk", .store_only = 300'000}},
};

TEST(BucketBackup, ConvergesThroughEveryStorm)
{
  for (const Storm& storm : kStorms) {
    SCOPED_TRACE(storm.name);
    Workplace place;
    put_file(place.library() + "/upload/large.mov", std::string(17'000'000, 'm'));
    EmulatedBucket bucket;
    bucket.emulator().add_fault(storm.rule);
    const OpenStore opened = bucket.open();
    bucket.begin();
    // One run may fail or be incomplete; what it confirmed is never sent again.
    const auto first = run_backup(place.session(opened), place.job());
    EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
    bucket.emulator().clear_faults();
    const auto stored = bucket.emulator().list("photos", "library/");
    bucket.emulator().reset_stats();
    const auto second = run_backup(place.session(opened), place.job());
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_TRUE(second->complete);
    if (first) {
      for (const std::string& name : stored)
        EXPECT_EQ(bucket.emulator().stats().objects["photos/" + name].bytes_in, 0U) << name;
    }
    EXPECT_EQ(restore(place, opened), covered_files_below(place.library()));
    const VerifyReport verified = run_verify(place.session(opened), {.all = true}).value();
    EXPECT_EQ(verified.damaged, 0U);
    EXPECT_EQ(verified.unknown_objects, 0U);
  }
}

TEST(BucketBackup, GoesOnThoughNobodyHeardThatItsBeginMarkWasStored)
{
  Workplace place;
  EmulatedBucket bucket;
  bucket.emulator().add_fault({.kind = "insert", .reset_after = true});
  // Nor at once whose the taken name is.
  bucket.emulator().add_fault({.kind = "list", .path = "begin.json", .times = 2, .status = 503});
  const OpenStore opened = bucket.open();
  bucket.begin();
  const auto report = run_backup(place.session(opened), place.job());
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->complete);
}

TEST(BucketNight, WaitsForAStoreThatIsOutOfReachWhenItBegins)
{
  Workplace place;
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  bucket.begin();
  const Session session = place.session(opened);
  const auto ended_well = [](const auto& report) {
    if (!report) ADD_FAILURE() << report.error().message;
    return report.has_value();
  };
  const std::pair<const char*, std::function<bool()>> commands[] = {
      {"backup", [&] { return ended_well(run_backup(session, place.job())); }},
      {"verify", [&] { return ended_well(run_verify(session, {.all = true})); }},
      {"the drill", [&] { return ended_well(run_drill(session, {.sample = 3})); }},
      {"prune",
       [&] { return ended_well(run_prune(session, {.rules = {.last = 1}, .remove = true})); }},
      {"status", [&] { return ended_well(run_status(session)); }},
  };
  const FaultRule faults[] = {
      {.times = 10, .reset_before = true},
      {.times = 10, .status = 503},
      {.times = 10, .status = 429, .retry_after = "3"},
      {.times = 10, .not_json = true},
  };
  for (const auto& [name, command] : commands) {
    for (const FaultRule& fault : faults) {
      SCOPED_TRACE(name);
      bucket.emulator().clear_faults();
      bucket.emulator().add_fault(fault);
      EXPECT_TRUE(command());
      EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
    }
  }
}

TEST(BucketNight, EndsWellThoughNoReplyHasADate)
{
  Workplace place;
  EmulatedBucket bucket;
  bucket.emulator().add_fault({.times = 0, .no_date = true});
  const OpenStore opened = bucket.open();
  bucket.begin();
  for (int night = 0; night < 2; ++night) {
    put_file(place.library() + "/upload/" + std::to_string(night) + ".jpg", "photo");
    EXPECT_TRUE(must(run_backup(place.session(opened), place.job())).complete);
    EXPECT_EQ(must(run_verify(place.session(opened), {})).damaged, 0U);
  }
  EXPECT_EQ(restore(place, opened), covered_files_below(place.library()));
}

TEST(BucketNight, EndsWellThoughAProxyCompressesEveryReply)
{
  Workplace place;
  put_file(place.library() + "/upload/large.mov", std::string(17'000'000, 'm'));
  EmulatedBucket bucket;
  bucket.emulator().add_fault({.times = 0, .gzip_reply = true});
  const OpenStore opened = bucket.open();
  bucket.begin();
  for (int night = 0; night < 2; ++night) {
    put_file(place.library() + "/upload/" + std::to_string(night) + ".jpg", "photo");
    const BackupReport report = must(run_backup(place.session(opened), place.job()));
    EXPECT_TRUE(report.complete);
    EXPECT_THAT(codes(report.header), IsEmpty());
    const VerifyReport read = must(run_verify(place.session(opened), {.all = true}));
    EXPECT_EQ(read.read_back, read.objects);
    EXPECT_EQ(read.damaged, 0U);
  }
  EXPECT_EQ(restore(place, opened), covered_files_below(place.library()));
}

TEST(BucketNight, ReadsOnceMoreWhatArrivesDamaged)
{
  Workplace place;
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  bucket.begin();
  must(run_backup(place.session(opened), place.job()));
  // The manifest, and the restore point.
  bucket.emulator().add_fault({.kind = "media", .object = ".db", .flip_reply = 1000});
  bucket.emulator().add_fault({.kind = "media", .object = ".json", .flip_reply = 100});
  EXPECT_TRUE(must(run_backup(place.session(opened), place.job())).complete);
  EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
}

TEST(BucketNight, NamesAnObjectWhoseSizeNobodyTells)
{
  const std::string odd = "/profile/3f2b8c1e-0000-4000-8000-000000000001/avatar.jpg";
  Workplace place;
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  bucket.begin();
  bucket.emulator().add_fault({.times = 0, .no_size = "avatar.jpg"});
  std::vector<std::string> stored;
  for (int night = 0; night < 3; ++night) {
    const BackupReport report = must(run_backup(place.session(opened), place.job()));
    EXPECT_FALSE(report.complete);
    EXPECT_THAT(codes(report.header), ElementsAre("object_untold"));
    EXPECT_EQ(report.header.problems.front().path, odd);
    EXPECT_THAT(report.header.problems.front().message, HasSubstr("does not tell how large"));
    EXPECT_THAT(bucket.emulator().list("photos", "versions/"), IsEmpty());
    if (night == 0) stored = bucket.emulator().list("photos", "library/");
    EXPECT_EQ(bucket.emulator().list("photos", "library/"), stored);
  }
  EXPECT_EQ(restore(place, opened).count(odd), 0U) << "it does not count as stored";

  bucket.emulator().clear_faults();
  const BackupReport mended = must(run_backup(place.session(opened), place.job()));
  EXPECT_TRUE(mended.complete);
  EXPECT_EQ(mended.uploaded_objects, 0U);
  EXPECT_EQ(restore(place, opened), covered_files_below(place.library()));
}

TEST(BucketVerify, ProvesNothingOfAnObjectWhoseSizeNobodyTells)
{
  Workplace place;
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  bucket.begin();
  must(run_backup(place.session(opened), place.job()));
  bucket.emulator().add_fault({.times = 0, .no_size = "avatar.jpg"});
  const VerifyReport listed = must(run_verify(place.session(opened), {}));
  EXPECT_EQ(listed.damaged, 0U);
  EXPECT_EQ(listed.present, listed.objects - 1);
  EXPECT_THAT(codes(listed.header), ElementsAre("object_untold"));
  EXPECT_EQ(outcome_of(listed), Outcome::incomplete);
  EXPECT_FALSE(must(run_status(place.session(opened))).last_verified);
  // Its bytes tell.
  const VerifyReport read = must(run_verify(place.session(opened), {.all = true}));
  EXPECT_EQ(read.present, read.objects);
  EXPECT_THAT(codes(read.header), IsEmpty());
  EXPECT_EQ(must(run_rebuild_manifest(place.session(opened))).dropped, 0U);
  EXPECT_EQ(restore(place, opened), covered_files_below(place.library()));
}

TEST(BucketRestore, ConvergesThroughEveryStorm)
{
  Workplace place;
  put_file(place.library() + "/upload/large.mov", std::string(17'000'000, 'm'));
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open();
  bucket.begin();
  ASSERT_TRUE(run_backup(place.session(opened), place.job()));
  const Storm storms[] = {
      {"a storm of 503s", {.nth = 3, .times = 20, .status = 503}},
      {"cut bodies", {.kind = "media", .object = "large.mov", .times = 3, .cut_reply = 1'000'000}},
      {"resets", {.kind = "media", .nth = 4, .times = 3, .reset_before = true}},
      {"damaged bytes", {.kind = "media", .object = "heic", .flip_reply = 1000}},
      {"a slow link", {.kind = "media", .object = "heic", .bytes_per_second = 3'000'000}},
      {"a stall", {.kind = "media", .object = "heic", .stall_ms = 300}},
  };
  for (const Storm& storm : storms) {
    SCOPED_TRACE(storm.name);
    bucket.emulator().clear_faults();
    bucket.emulator().add_fault(storm.rule);
    EXPECT_EQ(restore(place, opened), covered_files_below(place.library()));
    EXPECT_THAT(bucket.emulator().faults_not_hit(), IsEmpty());
  }
}

TEST(BucketVerify, FindsByAListingAloneWhatIsDamaged)
{
  Workplace place;
  EmulatedBucket bucket;
  const OpenStore opened = bucket.open("home/");
  bucket.begin("home/");
  ASSERT_TRUE(run_backup(place.session(opened), place.job()));
  const std::string name = "home/library/profile/3f2b8c1e-0000-4000-8000-000000000001/avatar.jpg";
  ASSERT_TRUE(bucket.emulator().content("photos", name));
  bucket.emulator().put("photos", name, "AVATAR");  // the same size
  const VerifyReport report = run_verify(place.session(opened), {}).value();
  EXPECT_THAT(codes(report.header), ElementsAre("object_damaged"));
}

}  // namespace
}  // namespace ib::test
