// SPDX-License-Identifier: Apache-2.0
//
// Two backups of one store at the same time: one defers to the other, and never to one that is
// dead.
#include "app/session.hpp"
#include "core/records/file_record.hpp"
#include "repository/run_journal.hpp"
#include "repository/runs.hpp"
#include "support/at_step.hpp"
#include "support/builders.hpp"
#include "support/told.hpp"
#include "support/workplace.hpp"
#include "sys/process_name.hpp"
#include "sys/timing.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <csignal>
#include <functional>

namespace ib::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

class TwoRuns : public testing::Test {
protected:
  /// A begin mark of a machine that this one knows nothing of, made `age` ago.
  void mark(const std::string& run, std::chrono::seconds age, Metadata metadata = {})
  {
    put(begin_mark_name(run), age, std::move(metadata));
  }
  void put(const ObjectName& name, std::chrono::seconds age, Metadata metadata = {})
  {
    metadata.try_emplace(kRunProcessKey, "a process of elsewhere");
    metadata.try_emplace(kRunTimeKey, format_iso(must(place.store().now({})) - age));
    must(put_small(place.store(), name, "{}", metadata, "application/json", {}));
  }

  BackupJob job() const
  {
    BackupJob job = place.job();
    job.silence = milliseconds(300);
    return job;
  }
  Result<BackupReport> backup(Progress& progress)
  {
    return run_backup(place.session(progress), job());
  }

  void expect_whole()
  {
    EXPECT_EQ(place.restore(), covered_files_below(place.library()));
    EXPECT_EQ(place.verify_all().damaged, 0U);
    EXPECT_THAT(run_status(place.session())->unfinished_runs, IsEmpty());
  }

  /// An age that is not over before the test is: its clock is ahead.
  static constexpr std::chrono::seconds kFresh{-30};
  const std::string other = "20260115T030000Z-0000000a";
  Workplace place;
  Told told;
};

TEST_F(TwoRuns, OnOneMachineTheSecondDefersUntilTheFirstIsKilled)
{
  std::array<int, 2> ready{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  const pid_t first = ::fork();
  if (first == 0) {
    AtStep progress(
        kSendingFiles,
        [&] {
          static_cast<void>(::write(ready[1], "x", 1));
          for (;;) ::pause();
        },
        2);
    static_cast<void>(run_backup(place.session(progress), place.job()));
    ::_exit(1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);

  const Result<BackupReport> second = backup(told);
  ASSERT_TRUE(fails_with(Errc::unavailable, second));
  EXPECT_THAT(second.error().message, HasSubstr("another backup of this store goes on: run "));
  // The first one's other workers may still send. A run that stores a file has a mark.
  EXPECT_EQ(std::ranges::count_if(place.objects(),
                                  [](const std::string& name) {
                                    return name.starts_with("runs/") ||
                                           name.starts_with("manifest-");
                                  }),
            1)
      << "it stores nothing";

  ::kill(first, SIGKILL);
  // It is dead when the signal has arrived, and stays in /proc until somebody has asked for its
  // status.
  siginfo_t died{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(first), &died, WEXITED | WNOWAIT), 0);
  EXPECT_THAT(codes(must(backup(told)).header), IsEmpty());
  EXPECT_THAT(told.lines, Not(Contains(HasSubstr("waiting")))) << "and nobody waits for the dead";
  ASSERT_EQ(::waitpid(first, nullptr, 0), first);
  ::close(ready[0]);
  ::close(ready[1]);
  expect_whole();
}

TEST_F(TwoRuns, OfWhichOneElsewhereFallsSilentTheOtherGoesOn)
{
  mark(other, kFresh);
  EXPECT_THAT(codes(must(backup(told)).header), IsEmpty());
  EXPECT_THAT(told.lines, Contains(HasSubstr("waiting for up to 300 ms")));
  expect_whole();
}

TEST_F(TwoRuns, OfWhichOneElsewhereGoesOnTheOtherDefers)
{
  mark(other, kFresh);
  unsigned beats = 0;
  const Periodic elsewhere(milliseconds(50), [&](const std::stop_token&) {
    put(heartbeat_name(other, ++beats), std::chrono::seconds(0));
  });
  const Result<BackupReport> deferred = backup(told);
  ASSERT_TRUE(fails_with(Errc::unavailable, deferred));
  EXPECT_THAT(deferred.error().message, HasSubstr(other));
}

TEST_F(TwoRuns, OfWhichOneElsewhereEndsMeanwhileBothAreDone)
{
  mark(other, kFresh);
  bool ended = false;
  const Periodic elsewhere(milliseconds(100), [&](const std::stop_token&) {
    if (!std::exchange(ended, true)) put(end_mark_name(other), std::chrono::seconds(0));
  });
  EXPECT_THAT(codes(must(backup(told)).header), IsEmpty());
  EXPECT_THAT(told.lines, Contains(HasSubstr("waiting")));
  expect_whole();
}

TEST_F(TwoRuns, DoNotWaitForOneThatWasNotSeenForLongOrHasSaidThatItStopped)
{
  mark(other, minutes(20));
  mark("20260116T030000Z-0000000b", minutes(1));
  put(stopped_mark_name("20260116T030000Z-0000000b"), minutes(1));
  BackupJob patient = place.job();  // minutes
  EXPECT_THAT(codes(must(run_backup(place.session(told), patient)).header), IsEmpty());
  EXPECT_THAT(told.lines, IsEmpty());
  expect_whole();
}

TEST_F(TwoRuns, WaitNoLongerForOneWhoseClockWasAhead)
{
  mark(other, -minutes(60 * 24 * 365));
  EXPECT_THAT(codes(must(backup(told)).header), IsEmpty());
  expect_whole();
}

TEST_F(TwoRuns, EndTheirWaitByAnInterrupt)
{
  mark(other, minutes(1));
  std::stop_source stop;
  const Periodic elsewhere(milliseconds(100), [&](const std::stop_token&) { stop.request_stop(); });
  EXPECT_TRUE(
      fails_with(Errc::cancelled, run_backup(place.session(told, stop.get_token()), place.job())));
}

TEST_F(TwoRuns, ThatArePartsOfAFleetGoOnBesideEachOther)
{
  mark(other, kFresh, {{kRunPartKey, "1"}});
  BackupJob part = place.job();
  part.shard = Shard{.parts = 2, .part = 0};
  EXPECT_TRUE(ok(run_backup(place.session(told), part)));
  EXPECT_THAT(told.lines, IsEmpty());
  // The part itself has stopped; the other one has to be waited for by a backup of the whole.
  EXPECT_TRUE(ok(backup(told)));
  EXPECT_THAT(told.lines, ElementsAre(HasSubstr(other)));
}

TEST_F(TwoRuns, OfWhichOneStoresNothingNeedNotDefer)
{
  mark(other, kFresh);
  BackupJob dry = place.job();
  dry.dry_run = true;
  const BackupReport report = must(run_backup(place.session(told), dry));
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("may still go on")));
  EXPECT_THAT(told.lines, IsEmpty());
}

TEST_F(TwoRuns, OfWhichOneSendsNoFilesNeedNotDefer)
{
  mark(other, kFresh);
  BackupJob database = place.job();
  database.library.reset();
  EXPECT_TRUE(ok(run_backup(place.session(told), database)));
  EXPECT_THAT(told.lines, IsEmpty());
  EXPECT_THAT(run_status(place.session())->unfinished_runs, SizeIs(1)) << "nor is it taken in";
}

TEST_F(TwoRuns, SayThatTheyHaveStoppedWhereTheyDidNotEnd)
{
  std::stop_source stop;
  AtStep progress(
      kSendingFiles, [&] { stop.request_stop(); }, 3);
  EXPECT_TRUE(fails_with(Errc::cancelled,
                         run_backup(place.session(progress, stop.get_token()), place.job())));
  EXPECT_THAT(place.objects("runs/"), Contains(EndsWith("/stopped.json")));
  EXPECT_THAT(place.objects("runs/"), Not(Contains(EndsWith("/end.json"))));

  BackupJob part = place.job();
  part.shard = Shard{.parts = 1, .part = 0};
  const std::size_t before = place.objects("runs/").size();
  EXPECT_TRUE(ok(run_backup(place.session(), part)));
  EXPECT_GT(place.objects("runs/").size(), before);
  for (const UnfinishedRun& run : must(unfinished_runs(place.session())))
    EXPECT_TRUE(run.stopped) << run.run;

  place.backup();
  expect_whole();
}

TEST_F(TwoRuns, ThatBeganTogetherLeaveTheWorkToTheFirst)
{
  const std::size_t stored = place.objects("library/").size();
  bool begun = false;
  AtStep at(kSendingFiles, [&] {
    if (std::exchange(begun, true)) return;
    mark(other, std::chrono::seconds(10));
    put(heartbeat_name(other, 1), kFresh);
  });
  Session session = place.session(at);
  session.workers = 16;
  ASSERT_TRUE(fails_with(Errc::unavailable, run_backup(session, job())));
  EXPECT_EQ(place.objects("library/").size(), stored);
  EXPECT_THAT(codes(must(backup(told)).header), IsEmpty()) << "once the other is silent";
  expect_whole();
}

TEST_F(TwoRuns, ThatBeganTogetherDoNotBothGiveUp)
{
  bool begun = false;
  AtStep at(kSendingFiles, [&] {
    if (!std::exchange(begun, true)) mark(other, -std::chrono::seconds(10));
  });
  EXPECT_TRUE(ok(run_backup(place.session(at), job())));
}

TEST_F(TwoRuns, ShowThatTheyGoOn)
{
  const auto session = place.session();
  const auto names = [&] { return place.objects("runs/"); };
  {
    RunJournal journal(session, must(place.store().now({})),
                       {.checkpoint_interval = minutes(10),
                        .checkpoint_bytes = std::uint64_t{1} << 40,
                        .heartbeat_interval = milliseconds(50)});
    wait_for(milliseconds(200), {});
    EXPECT_THAT(names(), IsEmpty()) << "a run that uploads nothing costs nothing";
    must(journal.begin());
    wait_for(milliseconds(500), {});
    EXPECT_THAT(names(), Contains(HasSubstr("/heartbeat-000002.json")));
    const std::vector<UnfinishedRun> runs = must(unfinished_runs(session));
    ASSERT_THAT(runs, SizeIs(1));
    EXPECT_EQ(is_running(runs[0].process), true);
    journal.stop();
    EXPECT_TRUE(must(unfinished_runs(session)).front().stopped);
  }
  const std::size_t left = names().size();
  wait_for(milliseconds(200), {});
  EXPECT_EQ(names().size(), left) << "none after its end";
}

}  // namespace
}  // namespace ib::test
