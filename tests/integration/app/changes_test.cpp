// SPDX-License-Identifier: Apache-2.0
//
// Changes that nobody may have wanted: bytes that rot under an unchanged time, and many files lost
// at once.
#include "support/builders.hpp"
#include "support/workplace.hpp"

#include <filesystem>

namespace ib::test {
namespace {

constexpr std::int64_t kTime = 1'500'000'000'000'000'000;

class Changes : public testing::Test {
protected:
  std::string file(const std::string& name) const { return place.library() + "/upload/" + name; }
  void put(const std::string& name, std::string_view bytes) const
  {
    put_file(file(name), bytes, kTime);
  }
  /// Changes bytes so that size and time stay as they are.
  void rot(const std::string& name, std::string_view bytes) const { put(name, bytes); }

  BackupReport rehash()
  {
    BackupJob job = place.job();
    job.rehash = true;
    return place.backup(job);
  }
  std::string restored(const std::string& name)
  {
    return place.restore().at("/upload/" + name).bytes;
  }
  void make_many(int count)
  {
    for (int i = 0; i < count; ++i)
      put("many/" + std::to_string(i) + ".jpg", "photo " + std::to_string(i));
  }

  Workplace place;
};

TEST_F(Changes, OfBytesAloneAreFoundByReadingAgainAndDoNotReplaceWhatIsStored)
{
  put("a.jpg", "whole");
  place.backup();
  rot("a.jpg", "rot!!");
  EXPECT_EQ(place.backup().plan.to_read, 0U) << "size and time are as before";

  const BackupReport found = rehash();
  EXPECT_THAT(codes(found.header), ElementsAre("changed_silently"));
  EXPECT_EQ(found.suspect, 1U);
  EXPECT_EQ(found.changed, 0U);
  EXPECT_EQ(found.rehashed, found.plan.to_read);
  EXPECT_EQ(restored("a.jpg"), "whole");
  EXPECT_FALSE(place.objects("versions/upload/a.jpg/").empty()) << "the new bytes are kept";

  // Each run says it again, without a new row or object, until somebody does something.
  const auto objects = place.objects();
  const BackupReport again = place.backup();
  EXPECT_THAT(codes(again.header), ElementsAre("changed_silently"));
  EXPECT_EQ(again.uploaded_objects, 0U);
  EXPECT_EQ(place.objects().size(), objects.size() + 1) << "a restore point alone";
  EXPECT_EQ(place.verify_all().damaged, 0U);

  // They come back by their content, and by no restore point.
  must(run_restore(
      place.session(),
      {.target = place.path("aside"), .patterns = {}, .sha256s = {content_of("rot!!").sha256}}));
  EXPECT_EQ(must(read_file(place.path("aside") + "/upload/a.jpg", 100)), "rot!!");
  EXPECT_FALSE(run_restore(
      place.session(),
      {.target = place.path("x"), .patterns = {}, .sha256s = {content_of("never").sha256}}));

  // Mended, it is trusted again.
  put("a.jpg", "whole");
  EXPECT_THAT(codes(place.backup().header), IsEmpty());
  EXPECT_EQ(place.backup().plan.to_read, 0U);
}

TEST_F(Changes, OfBytesAloneAreTakenWhereThePersonSaysSo)
{
  put("a.jpg", "first");
  place.backup();
  rot("a.jpg", "other");
  rehash();
  BackupJob job = place.job();
  job.accept_changes = true;
  const BackupReport accepted = place.backup(job);
  EXPECT_THAT(codes(accepted.header), IsEmpty());
  EXPECT_EQ(accepted.changed, 1U);
  EXPECT_EQ(accepted.uploaded_objects, 0U) << "the bytes are there already";
  EXPECT_TRUE(fails_with(Errc::invalid, run_restore(place.session(), {.target = place.target()})))
      << "after --accept-changes, a restore asks which point is meant";
  EXPECT_EQ(place.restore(accepted.restore_point).at("/upload/a.jpg").bytes, "other");
  EXPECT_EQ(place.backup().plan.to_read, 0U);
}

TEST_F(Changes, AreFoundByPartsWithinAsManyRunsAsThereAreParts)
{
  put("a.jpg", "whole");
  place.backup();
  rot("a.jpg", "rot!!");
  BackupJob job = place.job();
  job.rehash_share = 5;
  std::uint64_t rehashed = 0, scanned = 0;
  unsigned reported = 0;
  for (int run = 0; run < 5; ++run) {
    const BackupReport report = place.backup(job);
    rehashed += report.rehashed;
    scanned = report.plan.scanned;
    reported += report.suspect > 0 ? 1 : 0;
  }
  EXPECT_GE(reported, 1U);
  EXPECT_GE(rehashed, scanned - 1) << "each file once (the suspect one is read for another reason)";
  EXPECT_LE(rehashed, scanned);
}

TEST_F(Changes, OfEverythingAtOnceLeaveAloneWhatIsStored)
{
  make_many(120);
  place.backup();
  const auto before = covered_files_below(place.library());
  for (const auto& entry : fs::directory_iterator(file("many")))
    put_file(entry.path(), "encrypted " + entry.path().filename().string(), kTime + 1);
  put("new.jpg", "a new photo");
  const auto objects = place.objects("versions/");

  const BackupReport report = place.backup();
  EXPECT_THAT(codes(report.header), ElementsAre("tripwire"));
  EXPECT_THAT(report.header.problems[0].message, HasSubstr("120 have changed"));
  EXPECT_THAT(report.header.problems[0].hint, HasSubstr("--accept-changes"));
  EXPECT_EQ(report.changed, 0U);
  EXPECT_EQ(report.archived, 0U);
  EXPECT_EQ(report.added, 1U) << "new files are stored";
  EXPECT_EQ(place.objects("versions/"), objects) << "no changed file is";
  auto expected = before;
  expected["/upload/new.jpg"] = {.bytes = "a new photo", .mtime_ns = kTime};
  EXPECT_EQ(place.restore(report.restore_point), expected);
  EXPECT_EQ(place.restore(), expected) << "the newest restore point has all that there was";

  EXPECT_THAT(codes(place.backup().header), ElementsAre("tripwire")) << "until it is dealt with";
  BackupJob accept = place.job();
  accept.accept_changes = true;
  EXPECT_EQ(place.backup(accept).changed, 120U);
  EXPECT_THAT(codes(place.backup().header), IsEmpty()) << "and that passes once";
}

TEST_F(Changes, OfEverythingAtOnceByDeletionArchiveNothing)
{
  make_many(120);
  place.backup();
  fs::remove_all(file("many"));
  const BackupReport report = place.backup();
  EXPECT_THAT(codes(report.header), ElementsAre("tripwire"));
  EXPECT_THAT(report.header.problems[0].message, HasSubstr("120 files have vanished"));
  EXPECT_EQ(report.archived, 0U);
  BackupJob accept = place.job();
  accept.accept_changes = true;
  EXPECT_EQ(place.backup(accept).archived, 120U);
}

TEST_F(Changes, OfTheTimeAloneAreNoLoss)
{
  make_many(120);
  place.backup();
  for (const auto& entry : fs::directory_iterator(file("many"))) {
    const std::string name = entry.path().stem();
    put_file(entry.path(), "photo " + name, kTime + 1);
  }
  const BackupReport report = place.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.touched, 120U);
}

TEST_F(Changes, OfThePlaceAloneAreNoLossEvenOfCopies)
{
  make_many(120);
  put("many/copy-a.jpg", "the same");
  put("many/copy-b.jpg", "the same");
  place.backup();
  const auto objects = place.objects("library/").size();
  fs::create_directories(place.library() + "/library/admin");
  fs::rename(file("many"), place.library() + "/library/admin/2024");
  const BackupReport report = place.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.uploaded_objects, 0U);
  EXPECT_EQ(report.moved + report.copied, 122U);
  EXPECT_EQ(report.archived, 122U);
  EXPECT_EQ(place.objects("library/").size(), objects);
}

TEST_F(Changes, OfAnAlbumPassWithoutAWord)
{
  make_many(120);
  place.backup();
  for (int i = 0; i < 30; ++i) fs::remove(file("many/" + std::to_string(i) + ".jpg"));
  const BackupReport report = place.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.archived, 30U);
}

}  // namespace
}  // namespace ib::test
