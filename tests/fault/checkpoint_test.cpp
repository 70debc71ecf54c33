// SPDX-License-Identifier: Apache-2.0
//
// Runs that end early: killed between two checkpoints, interrupted, or out of time. What was
// recorded is neither read nor sent again.
#include "app/session.hpp"
#include "core/records/file_record.hpp"
#include "manifest/run_plan.hpp"
#include "repository/catalog.hpp"
#include "repository/run_journal.hpp"
#include "repository/runs.hpp"
#include "support/at_step.hpp"
#include "support/builders.hpp"
#include "support/faulty_store.hpp"
#include "support/killed.hpp"
#include "support/workplace.hpp"

#include <filesystem>

namespace ib::test {
namespace {

constexpr unsigned kFiles = 40;

class EarlyEnds : public testing::Test {
protected:
  EarlyEnds()
  {
    fs::remove_all(place.library());
    make_sample_library(place.library());
    for (unsigned i = 0; i < kFiles; ++i)
      put_file(place.library() + "/upload/many/" + std::to_string(100 + i) + ".jpg",
               "photo " + std::to_string(i));
  }

  /// A checkpoint after each file.
  BackupJob careful_job() const
  {
    BackupJob job = place.job();
    job.checkpoint_bytes = 1;
    return job;
  }

  void killed_at(std::size_t step)
  {
    ASSERT_TRUE(is_killed([&] {
      FaultyStore store(place.store(),
                        {{.step = step, .when = Fault::When::after, .kind = Fault::Kind::kill}});
      return ok(run_backup(place.session(store), careful_job()));
    }));
  }
  void interrupted_after(std::uint64_t files, const BackupJob& job)
  {
    std::stop_source stop;
    AtStep progress(
        kSendingFiles, [&] { stop.request_stop(); }, files);
    EXPECT_TRUE(
        fails_with(Errc::cancelled, run_backup(place.session(progress, stop.get_token()), job)));
  }

  std::vector<std::string> checkpoints()
  {
    std::vector<std::string> names;
    for (const std::string& name : place.objects("runs/"))
      if (checkpoint_number({name})) names.push_back(name);
    return names;
  }

  void expect_whole()
  {
    EXPECT_EQ(place.restore(), covered_files_below(place.library()));
    EXPECT_EQ(place.verify_all().damaged, 0U);
    EXPECT_EQ(place.verify_all().unknown_objects, 0U);
    EXPECT_THAT(run_status(place.session())->unfinished_runs, IsEmpty());
  }

  Workplace place;
};

TEST_F(EarlyEnds, ByAKillLeaveCheckpointsThatTheNextRunTakesIn)
{
  killed_at(60);
  const std::size_t kept = checkpoints().size();
  ASSERT_GT(kept, 5U);
  EXPECT_THAT(place.objects("manifest"), ElementsAre("manifest.store.json"));

  FaultyStore store(place.store());
  const BackupReport report = must(run_backup(place.session(store), place.job()));
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_LE(report.plan.to_read + kept, report.plan.scanned + 3)
      << "what was recorded is not read again";
  expect_whole();
  EXPECT_EQ(place.backup().plan.to_read, 0U);
}

TEST_F(EarlyEnds, TwiceAreTakenInBoth)
{
  killed_at(40);
  killed_at(40);
  EXPECT_EQ(run_status(place.session())->unfinished_runs.size(), 2U);
  const std::size_t kept = checkpoints().size();
  const BackupReport report = place.backup();
  EXPECT_LE(report.plan.to_read + kept, report.plan.scanned + 6);
  expect_whole();
}

TEST_F(EarlyEnds, WithADamagedCheckpointCostNoMoreThanALook)
{
  killed_at(60);
  const std::string damaged = place.store_folder() + "/" + checkpoints().front();
  fs::resize_file(damaged, 1000);
  const BackupReport report = place.backup();
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("passed over: runs/")));
  expect_whole();
}

TEST_F(EarlyEnds, ByAnInterruptLeaveARestorePointThatSaysHowFarItIs)
{
  BackupJob job = place.job();
  job.checkpoint_bytes = std::uint64_t{1} << 40;
  interrupted_after(10, job);
  EXPECT_THAT(place.objects("manifest-"), ElementsAre(EndsWith(".json")))
      << "no manifest has to be waited for";
  EXPECT_EQ(checkpoints().size(), 1U);
  const RestorePoint point = run_status(place.session())->newest.value();
  EXPECT_FALSE(point.is_complete());
  ASSERT_TRUE(point.seeding);
  EXPECT_GT(point.seeding->files_left, 0U);
  EXPECT_LT(point.seeding->percent(), 100U);
  EXPECT_GT(point.counts.files, 5U);
  EXPECT_EQ(point.checkpoints.size(), 1U);
  EXPECT_EQ(place.ls().size(), point.counts.files) << "and what is there can be restored";

  EXPECT_THAT(codes(place.backup().header), IsEmpty());
  expect_whole();
  EXPECT_EQ(place.ls(point.time).size(), point.counts.files) << "the restore point stays as it was";
}

TEST_F(EarlyEnds, ByAnInterruptKeepEveryEarlierOneToo)
{
  std::vector<RestorePoint> points;
  for (const std::uint64_t files : {12U, 9U}) {
    interrupted_after(files, place.job());
    points.push_back(run_status(place.session())->newest.value());
  }
  EXPECT_EQ(points.back().checkpoints.size(), 2U) << "it rests on those of the run before as well";
  EXPECT_GT(points.back().counts.files, points.front().counts.files);
  place.backup();
  for (const RestorePoint& point : points)
    EXPECT_EQ(place.ls(point.time).size(), point.counts.files) << format_iso(point.time);
  // Without a checkpoint of its own, what the next manifest says of that time has to do.
  fs::remove(place.store_folder() + "/" + points.front().checkpoints.front().object.value);
  EXPECT_TRUE(run_ls(place.session(), {.at = points.back().time},
                     [](const FileRecord&) -> Result<> { return {}; }));
}

TEST_F(EarlyEnds, OfARunThatOnlySeemedToBeOverAreSeen)
{
  killed_at(40);
  const std::string run = run_status(place.session())->unfinished_runs.at(0);
  const auto kept = static_cast<unsigned>(checkpoints().size());
  ASSERT_GT(kept, 1U);
  const std::string last = checkpoints().back();
  place.backup();
  EXPECT_THAT(run_status(place.session())->unfinished_runs, IsEmpty());
  EXPECT_THAT(place.objects("runs/"), Contains(taken_in_mark_name(run, kept).value));
  EXPECT_THAT(place.objects("runs/"), Not(Contains(end_mark_name(run).value)));

  // It had not been killed, and goes on.
  const std::string later = checkpoint_name(run, kept + 1).value;
  fs::copy_file(place.store_folder() + "/" + last, place.store_folder() + "/" + later);
  EXPECT_THAT(run_status(place.session())->unfinished_runs, ElementsAre(run));
  place.backup();
  EXPECT_THAT(run_status(place.session())->unfinished_runs, IsEmpty());
  expect_whole();
}

TEST_F(EarlyEnds, ByTheTimeLimitGoOnWithTheNextRun)
{
  BackupJob job = place.job();
  job.time_limit = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  const BackupReport report = place.backup(job);
  EXPECT_THAT(codes(report.header), ElementsAre("time_limit"));
  ASSERT_TRUE(report.seeding);
  EXPECT_EQ(report.seeding->files_left, report.plan.to_read);
  EXPECT_EQ(report.seeding->percent(), 0U);
  const BackupReport next = place.backup();
  EXPECT_THAT(codes(next.header), IsEmpty());
  EXPECT_FALSE(next.seeding);
  expect_whole();
}

TEST_F(EarlyEnds, ByTheTimeLimitArchiveNothingThatMayHaveMoved)
{
  place.backup();
  fs::rename(place.library() + "/upload/many", place.library() + "/upload/moved");
  BackupJob job = place.job();
  job.time_limit = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_EQ(place.backup(job).archived, 0U);
  const BackupReport next = place.backup();
  EXPECT_EQ(next.moved, kFiles);
  EXPECT_EQ(next.uploaded_objects, 0U);
}

/// A journal over a store whose first steps fail as told.
class JournalOnABadDay : public testing::Test {
protected:
  void begin(std::vector<Fault> faults)
  {
    store = std::make_unique<FaultyStore>(place.store(), std::move(faults));
    session.emplace(place.session(*store));
    catalog.emplace(must(new_catalog(*session)));
    static_cast<void>(must(RunPlan::begin(catalog->manifest)));
    journal.emplace(*session, at(1'700'000'000),
                    RunJournal::Rules{.checkpoint_interval = std::chrono::hours(1),
                                      .checkpoint_bytes = 1U << 30U});
    must(catalog->manifest.begin_run(
        {.generation = 1, .run = journal->run(), .started = journal->started()}));
  }

  /// What the next run knows of `path` by the checkpoints alone.
  bool next_run_knows(const std::string& path)
  {
    Catalog next = must(new_catalog(place.session()));
    std::vector<std::string> notes;
    must(fold_checkpoints(place.session(), next, must(unfinished_runs(place.session())), notes));
    EXPECT_THAT(notes, IsEmpty());
    return must(next.manifest.find(path)).has_value();
  }

  Workplace place;
  std::unique_ptr<FaultyStore> store;
  std::optional<Session> session;
  std::optional<Catalog> catalog;
  std::optional<RunJournal> journal;
};

TEST_F(JournalOnABadDay, KeepsForTheNextCheckpointWhatOneFailedToStore)
{
  for (const Fault::When when : {Fault::When::before, Fault::When::after}) {
    begin({{.step = 2, .when = when, .kind = Fault::Kind::fail}});
    const std::string path = when == Fault::When::before ? "/upload/a.jpg" : "/upload/b.jpg";
    must(catalog->manifest.record({.path = path, .content = content_of("a"), .mtime_ns = 1}));
    EXPECT_TRUE(fails_with(Errc::unavailable, journal->checkpoint(*catalog)));
    EXPECT_TRUE(catalog->checkpoints.empty()) << "it cannot be relied on";
    must(journal->checkpoint(*catalog));
    EXPECT_EQ(catalog->checkpoints.size(), 1U);
    EXPECT_TRUE(store->all_faults_hit());
    EXPECT_TRUE(next_run_knows(path));
  }
}

TEST_F(JournalOnABadDay, BeginsBeforeAnythingElse)
{
  for (const Fault::When when : {Fault::When::before, Fault::When::after}) {
    begin({{.step = 1, .when = when, .kind = Fault::Kind::fail}});
    EXPECT_TRUE(fails_with(Errc::unavailable, journal->begin()));
    must(journal->begin());
    EXPECT_TRUE(store->all_faults_hit());
    EXPECT_THAT(place.objects("runs/"), Contains(begin_mark_name(journal->run()).value));
  }
}

/// What a killed run has left: its begin mark and an object that no row names.
void leave_behind(Workplace& place, const std::string& path, const std::string& bytes)
{
  const Content content = content_of(bytes);
  MemorySource source(bytes_of(bytes));
  must(place.store().put({.name = {"library" + path},
                          .size = content.size,
                          .crc32c = content.crc32c,
                          .metadata = {{"sha256", content.sha256.hex()},
                                       {"sha1", content.sha1.hex()},
                                       {"mtime", "2020-01-01T00:00:00.000000000Z"}}},
                         source, {}));
  must(put_small(place.store(), begin_mark_name("20260101T000000Z-deadbeef"), "{}", {},
                 "application/json", {}));
}

TEST(WhatAKilledRunLeft, IsClaimedWithTheStoresChecksum)
{
  Workplace place;
  place.backup();
  leave_behind(place, "/upload/ghost.jpg", "of a file that is gone");
  if (must(place.store().stat({"library/upload/ghost.jpg"}, {})).metadata.empty())
    GTEST_SKIP() << "this folder keeps no extended attributes";
  EXPECT_THAT(place.backup().header.notes, Contains(HasSubstr("1 object that an unfinished run")));
  EXPECT_EQ(place.verify_all().damaged, 0U);
  EXPECT_EQ(place.verify_all().unknown_objects, 0U);
  EXPECT_THAT(run_status(place.session())->unfinished_runs, IsEmpty());
}

TEST(WhatAKilledRunLeft, MayBePrunedMeanwhile)
{
  Workplace place;
  place.backup();
  leave_behind(place, "/upload/ghost.jpg", "of a file that is gone");
  put_file(place.library() + "/upload/new.jpg", "new");
  const std::string file = place.store_folder() + "/library/upload/ghost.jpg";
  AtStep progress(kSendingFiles, [&] { fs::remove(file); });
  const BackupReport report = must(run_backup(place.session(progress), place.job()));
  EXPECT_EQ(report.added, 1U);
  EXPECT_EQ(place.verify_all().damaged, 0U) << "nothing is claimed that is not there";
}

}  // namespace
}  // namespace ib::test
