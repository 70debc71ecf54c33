// SPDX-License-Identifier: Apache-2.0
#include "service/job_journal.hpp"

#include "support/builders.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>

namespace ib::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kBegin = *parse_timestamp("2026-01-15T03:30:00Z");

RecordedRun run(int night, Job job = Job::backup)
{
  const Timestamp due = kBegin + hours(24 * night);
  return {.id = format_compact(due) + "-" + std::string(command_of(job)),
          .job = job,
          .run = {.due = due, .attempt = 1, .began = due + minutes(1)},
          .store = "file:///mnt/usb/immich"};
}

class JobJournals : public testing::Test {
protected:
  JobJournal open() { return must(JobJournal::open(folder_)); }
  std::string file() const { return folder_ + "/journal.jsonl"; }

  const TempDir dir_;
  const std::string folder_ = dir_.file("state");
};

TEST_F(JobJournals, RememberRunsAfterARestart)
{
  {
    JobJournal journal = open();
    must(journal.begin(run(0)));
    must(journal.end(run(0).id, kBegin + hours(1), 3));
    must(journal.begin(run(1)));
  }
  const JobJournal journal = open();
  ASSERT_THAT(journal.runs(), SizeIs(2));
  EXPECT_EQ(journal.runs()[0].run.exit_status, 3);
  EXPECT_EQ(journal.runs()[0].run.ended, kBegin + hours(1));
  EXPECT_EQ(journal.last_by_schedule(Job::backup)->due, run(1).run.due);
  EXPECT_EQ(journal.last_by_schedule(Job::backup)->ended, std::nullopt);
  EXPECT_EQ(journal.last_by_schedule(Job::verify), std::nullopt);
}

TEST_F(JobJournals, DoNotTakeARunByHandForANight)
{
  JobJournal journal = open();
  must(journal.begin(run(0)));
  RecordedRun by_hand = run(1);
  by_hand.by_hand = true;
  must(journal.begin(by_hand));
  EXPECT_EQ(journal.last_by_schedule(Job::backup)->due, run(0).run.due);
}

TEST_F(JobJournals, KnowSinceWhenAScheduleHolds)
{
  {
    JobJournal journal = open();
    EXPECT_EQ(journal.schedule_since(Job::backup, "@daily", kBegin), kBegin);
    EXPECT_EQ(journal.schedule_since(Job::backup, "@daily", kBegin + hours(5)), kBegin);
  }
  JobJournal journal = open();
  EXPECT_EQ(journal.schedule_since(Job::backup, "@daily", kBegin + hours(9)), kBegin);
  EXPECT_EQ(journal.schedule_since(Job::backup, "@weekly", kBegin + hours(9)), kBegin + hours(9));
}

TEST_F(JobJournals, PassOverLinesThatAreCutOffOrNotTheirs)
{
  {
    JobJournal journal = open();
    must(journal.begin(run(0)));
  }
  dir_.write_file("state/journal.jsonl",
                  dir_.read_file("state/journal.jsonl") +
                      "no JSON\n[]\n{\"event\":1}\n{\"event\":\"begin\"}\n"
                      "{\"event\":\"end\",\"run\":\"x\",\"time\":\"2026-01-15T03:30:00Z\"}\n"
                      "{\"event\":\"begin\",\"run\":\"cut off");
  {
    JobJournal journal = open();
    EXPECT_THAT(journal.runs(), SizeIs(1));
    must(journal.begin(run(1)));
  }
  EXPECT_THAT(open().runs(), SizeIs(2));
}

TEST_F(JobJournals, ForgetOldRunsAndTheirLogs)
{
  constexpr int kMore = static_cast<int>(JobJournal::kRuns) * 3;
  {
    JobJournal journal = open();
    for (int night = 0; night < kMore; ++night) {
      must(journal.begin(run(night)));
      must(must(journal.open_log(run(night).id)).add("a line"));
      must(journal.end(run(night).id, run(night).run.due + hours(1), 0));
    }
    EXPECT_TRUE(fails_with(Errc::not_found, journal.read_log(run(0).id)));
    EXPECT_THAT(must(journal.read_log(run(kMore - 1).id)), ElementsAre("a line"));
  }
  // Three lines a run at most, and four times as many.
  const std::string text = dir_.read_file("state/journal.jsonl");
  EXPECT_LE(std::ranges::count(text, '\n'), static_cast<int>(JobJournal::kRuns) * 4);
  const JobJournal journal = open();
  EXPECT_THAT(journal.runs(), SizeIs(JobJournal::kRuns));
  EXPECT_EQ(journal.runs().back().id, run(kMore - 1).id);
  EXPECT_EQ(journal.runs().back().run.exit_status, 0);
  EXPECT_EQ(journal.runs().back().store, "file:///mnt/usb/immich");
  EXPECT_TRUE(journal.runs().back().run.ended);
}

TEST_F(JobJournals, AreReadableByTheirOwnerAlone)
{
  JobJournal journal = open();
  must(journal.begin(run(0)));
  must(must(journal.open_log(run(0).id)).add("a line"));
  for (const std::string& path : {file(), folder_ + "/logs/" + run(0).id + ".log"})
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600)) << path;
  EXPECT_EQ(std::filesystem::status(folder_).permissions(), std::filesystem::perms(0700));
}

TEST_F(JobJournals, BelongToOneProcess)
{
  const JobJournal journal = open();
  EXPECT_TRUE(fails_with(Errc::precondition_failed, JobJournal::open(folder_)));
}

}  // namespace
}  // namespace ib::test
