// SPDX-License-Identifier: Apache-2.0
//
// Changes that nobody may have wanted: bytes that rot under an unchanged time, and many files lost
// at once.
#include "support/builders.hpp"
#include "support/workplace.hpp"

#include <atomic>
#include <filesystem>

namespace ib::test {
namespace {

constexpr std::int64_t kTime = 1'500'000'000'000'000'000;

/// Counts the files that a backup reads.
class FilesRead final : public Progress {
public:
  void begin(std::string_view step, std::optional<std::uint64_t> /*files*/,
             std::optional<std::uint64_t> /*bytes*/) override
  {
    is_reading_ = step == kSendingFiles;
  }
  void advance(std::uint64_t count, std::uint64_t /*bytes*/) override
  {
    if (is_reading_) files += count;
  }
  void end() override {}
  void note(std::string_view /*line*/) override {}

  std::atomic<std::uint64_t> files = 0;

private:
  std::atomic<bool> is_reading_ = false;
};

class Changes : public testing::Test {
protected:
  std::string file(const std::string& name) const { return place.library() + "/upload/" + name; }
  void put(const std::string& name, std::string_view bytes) const
  {
    put_file(file(name), bytes, kTime);
  }
  /// Changes bytes so that size and times stay as they are, as a disk does.
  void rot(const std::string& name, std::string_view bytes) const
  {
    put(name, bytes);
    place.forget_ctimes();
  }

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

TEST_F(Changes, OfTheTimeAloneAreNoLossAndReadOnce)
{
  make_many(120);
  place.backup();
  for (const auto& entry : fs::directory_iterator(file("many"))) {
    const std::string name = entry.path().stem();
    put_file(entry.path(), "photo " + name, kTime + 1);
  }
  FilesRead progress;
  const BackupReport report = must(run_backup(place.session(progress), place.job()));
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.touched, 120U);
  EXPECT_EQ(progress.files, 120U);
}

TEST_F(Changes, OfAFileThatAnotherWasRenamedOverAreFoundBySizeAndTimeThatAreTheSame)
{
  put("a.raw", "first");
  put("b.raw", "other");
  put("mode.raw", "third");
  place.backup();
  EXPECT_EQ(place.backup().plan.to_read, 0U);
  fs::rename(file("a.raw"), file("c.raw"));
  fs::rename(file("b.raw"), file("a.raw"));
  fs::rename(file("c.raw"), file("b.raw"));
  fs::permissions(file("mode.raw"), fs::perms::owner_read);
  const BackupReport report = place.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.plan.to_read, 3U);
  EXPECT_EQ(report.changed, 2U);
  EXPECT_EQ(report.plan.unchanged + 2, report.plan.scanned);
  EXPECT_EQ(report.uploaded_objects, 0U);
  EXPECT_EQ(restored("a.raw"), "other");
  EXPECT_EQ(restored("b.raw"), "first");
  EXPECT_EQ(place.backup().plan.to_read, 0U) << "they were looked at";
}

TEST_F(Changes, OfACtimeAreLookedAtUntilTheyWere)
{
  put("a.raw", "first");
  put("b.raw", "other");
  place.backup();
  fs::rename(file("b.raw"), file("a.raw"));
  BackupJob part = place.job();
  part.time_limit = std::chrono::steady_clock::now();
  place.backup(part);
  EXPECT_EQ(place.backup().changed, 1U) << "the run before had no time for it";
}

TEST_F(Changes, OfManyFilesUnderTheirSizeAndTimeTripToo)
{
  make_many(120);
  place.backup();
  const auto before = covered_files_below(place.library());
  for (const auto& entry : fs::directory_iterator(file("many"))) {
    const std::string name = entry.path().stem();
    put_file(entry.path(), "PHOTO " + name, kTime);
  }
  const BackupReport report = place.backup();
  EXPECT_THAT(codes(report.header), ElementsAre("tripwire"));
  EXPECT_EQ(report.changed, 0U);
  EXPECT_EQ(place.restore(report.restore_point), before);
  EXPECT_THAT(codes(place.backup().header), ElementsAre("tripwire")) << "until it is dealt with";
}

TEST_F(Changes, OnADiskThatWasAwayAreLookedAtOnceItIsBack)
{
  put("a.raw", "first");
  put("b.raw", "other");
  place.backup();
  fs::rename(file("b.raw"), file("a.raw"));
  fs::rename(place.library() + "/upload", place.path("away"));
  EXPECT_THAT(codes(place.backup().header), Contains("missing_but_kept"));
  fs::rename(place.path("away"), place.library() + "/upload");
  EXPECT_EQ(place.backup().changed, 1U);
  EXPECT_EQ(restored("a.raw"), "other");
}

TEST_F(Changes, OfEveryCtimeAtOnceTellNothing)
{
  make_many(1100);
  place.backup();
  for (const auto& entry : fs::directory_iterator(file("many")))
    fs::permissions(entry.path(), fs::perms::owner_read);
  const BackupReport report = place.backup();
  EXPECT_EQ(report.plan.to_read, 0U);
  EXPECT_EQ(report.plan.unchanged, report.plan.scanned);
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("1,100 files have the size and time")));
  EXPECT_THAT(place.backup().header.notes, Not(Contains(HasSubstr("size and time")))) << "once";
}

TEST_F(Changes, OfATemplateAndBackAgainAreMovesAndNoLoss)
{
  make_many(120);
  place.backup();
  const auto there = [&](const std::string& from, const std::string& to) {
    fs::create_directories(place.library() + "/library/admin");
    fs::rename(from, to);
    const auto now = covered_files_below(place.library());
    const BackupReport report = place.backup();
    EXPECT_THAT(codes(report.header), IsEmpty());
    EXPECT_EQ(report.moved, 120U);
    EXPECT_EQ(report.returned, 0U);
    EXPECT_EQ(report.archived, 120U);
    EXPECT_EQ(report.uploaded_objects, 0U);
    return std::pair{report.restore_point, now};
  };
  const std::string elsewhere = place.library() + "/library/admin/2024";
  std::vector points{there(file("many"), elsewhere), there(elsewhere, file("many")),
                     there(file("many"), elsewhere)};
  for (const auto& [time, files] : points)
    EXPECT_EQ(place.restore(time), files) << "each photo once, where it was then";
}

TEST_F(Changes, AreLookedForPartByPartAlsoWhereAPartHasNoFile)
{
  put("a.jpg", "whole");
  BackupJob job = place.job();
  place.backup(job);
  rot("a.jpg", "rot!!");
  job.rehash_share = 60;  // most parts are empty
  unsigned reported = 0;
  for (int run = 0; run < 60 && reported == 0; ++run) {
    const BackupReport report = place.backup(job);
    reported += report.suspect > 0 ? 1 : 0;
  }
  EXPECT_EQ(reported, 1U);
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
