// SPDX-License-Identifier: Apache-2.0
#include "service/supervisor.hpp"

#include "support/builders.hpp"
#include "support/notes.hpp"
#include "support/temp_dir.hpp"
#include "sys/file.hpp"

#include <sys/resource.h>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace ib::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Half past two, and half past three is when backups are due.
const Timestamp kBegin = *parse_timestamp("2026-01-15T02:30:00Z");

/// A machine with jobs that are shell scripts, and with a clock that a test sets.
class Supervisors : public testing::Test {
protected:
  void SetUp() override { old_ = ::signal(SIGPIPE, SIG_IGN); }
  void TearDown() override
  {
    stop();
    ::signal(SIGPIPE, old_);
  }

  void schedule(Job job, const std::string& text)
  {
    job_.schedules.at(static_cast<std::size_t>(job)) =
        Schedule{.text = text, .times = *CronSchedule::parse(text)};
  }

  void start()
  {
    job_.offset = [](Timestamp) { return minutes(0); };
    job_.state_folder = dir_.file("state");
    if (!job_.program) {
      job_.program = [this](Job job) {
        const std::lock_guard lock(mutex_);
        return Program{.argv = {"sh", "-c", scripts_[job]}};
      };
    }
    job_.obstacle = [this]() -> std::optional<Error> {
      if (!hindered_) return std::nullopt;
      return Error{.message = "no store yet", .hint = "Begin one."};
    };
    job_.tell_of = [this](const SilentRun& run) {
      const std::lock_guard lock(mutex_);
      told_.push_back(std::string(command_of(run.job)) + ": " + run.what);
    };
    job_.now = [this] { return Timestamp(seconds(now_.load())); };
    job_.look = milliseconds(2);
    supervisor_ = must(Supervisor::create(job_));
    thread_ = std::jthread([this](const std::stop_token& stop) { supervisor_->run(notes_, stop); });
  }

  void stop()
  {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
    supervisor_.reset();
  }

  void set_script(Job job, std::string script)
  {
    const std::lock_guard lock(mutex_);
    scripts_[job] = std::move(script);
  }

  void set_clock(Timestamp time) { now_ = time.time_since_epoch().count(); }

  std::vector<std::string> told()
  {
    const std::lock_guard lock(mutex_);
    return told_;
  }

  /// How the runs of the journal ended.
  std::string ends()
  {
    std::string text;
    for (const RecordedRun& run : supervisor_->state().runs)
      text += std::string(command_of(run.job)) + (run.by_hand ? " by hand" : "") + " try " +
              std::to_string(run.run.attempt) + ": " +
              (run.run.ended ? std::to_string(run.run.exit_status) : "?") + "\n";
    return text;
  }

  void wait_until(const std::function<bool()>& condition)
  {
    const auto end = std::chrono::steady_clock::now() + seconds(60);
    while (!condition() && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(milliseconds(2));
    ASSERT_TRUE(condition()) << notes_.text() << ends();
  }

  void wait_for_ends(const std::string& expected)
  {
    wait_until([&] { return ends() == expected && !supervisor_->state().running; });
  }

  /// Long enough for several looks at the clock.
  static void let_it_look() { std::this_thread::sleep_for(milliseconds(50)); }

  const TempDir dir_;
  SupervisorJob job_;
  Notes notes_;
  std::atomic<bool> hindered_ = false;
  std::unique_ptr<Supervisor> supervisor_;

private:
  void (*old_)(int) = SIG_DFL;
  std::atomic<std::int64_t> now_ = kBegin.time_since_epoch().count();
  std::mutex mutex_;
  std::map<Job, std::string> scripts_;
  std::vector<std::string> told_;
  std::jthread thread_;
};

TEST_F(Supervisors, RunAJobWhenItIsDueAndKeepItsLog)
{
  schedule(Job::backup, "30 3 * * *");
  set_script(Job::backup, R"sh(
    echo '{"time":"2026-01-15T03:30:01Z","level":"info","message":"looking","done":false,"files":7,"bytes":9}' >&2
    echo '{"time":"2026-01-15T03:30:01Z","level":"warning","message":"a strange file"}' >&2
    echo '{"time":"2026-01-15T03:30:01Z","level":"error","message":"no","code":"io","hint":"Do it."}' >&2
    echo 'ld.so: no JSON' >&2
    printf 'library   7 files\nlast line'
    exit 3)sh");
  start();
  let_it_look();
  EXPECT_EQ(ends(), "");
  set_clock(kBegin + hours(1));
  wait_for_ends("backup try 1: 3\n");
  let_it_look();
  EXPECT_EQ(ends(), "backup try 1: 3\n");
  EXPECT_EQ(notes_.files(), 7U);
  for (const std::string line :
       {"step looking", "warning: backup: a strange file", "warning: backup: failed: no",
        "backup: Do it.", "backup: ld.so: no JSON", "backup: library   7 files",
        "backup: last line"})
    EXPECT_THAT(notes_.text(), HasSubstr(line + "\n"));
  const std::vector<std::string> log = must(supervisor_->log(supervisor_->state().runs.front().id));
  EXPECT_THAT(log.front(), HasSubstr("backup: begins, as due at 2026-01-15T03:30:00Z"));
  EXPECT_THAT(log, testing::Contains(HasSubstr("backup: library   7 files")));
  EXPECT_THAT(log.back(), HasSubstr("backup: ended with exit status 3"));
  EXPECT_THAT(told(), testing::IsEmpty());
}

TEST_F(Supervisors, TryAgainThreeTimesTenMinutesApart)
{
  schedule(Job::backup, "30 3 * * *");
  set_script(Job::backup, "exit 1");
  start();
  let_it_look();
  std::string expected;
  for (unsigned attempt = 1; attempt <= 4; ++attempt) {
    const Timestamp time = kBegin + hours(1) + minutes(10 * (attempt - 1));
    set_clock(time - seconds(1));
    let_it_look();
    EXPECT_EQ(ends(), expected);
    set_clock(time);
    expected += "backup try " + std::to_string(attempt) + ": 1\n";
    wait_for_ends(expected);
  }
  set_clock(kBegin + hours(20));
  let_it_look();
  EXPECT_EQ(ends(), expected);
  set_clock(kBegin + hours(25));
  wait_for_ends(expected + "backup try 1: 1\n");
}

TEST_F(Supervisors, TellOfAJobThatIsKilledAndTryItAgain)
{
  schedule(Job::backup, "30 3 * * *");
  set_script(Job::backup, "kill -9 $$");
  start();
  let_it_look();
  set_clock(kBegin + hours(1));
  wait_for_ends("backup try 1: 137\n");
  wait_until([&] { return !told().empty(); });
  EXPECT_THAT(told(), ElementsAre(HasSubstr("signal 9 ended it")));
  set_script(Job::backup, "exit 0");
  set_clock(kBegin + hours(1) + minutes(10));
  wait_for_ends("backup try 1: 137\nbackup try 2: 0\n");
}

TEST_F(Supervisors, TellOfAJobThatDoesNotStart)
{
  schedule(Job::backup, "30 3 * * *");
  job_.program = [](Job) { return Program{.argv = {"/no/such/program"}}; };
  start();
  let_it_look();
  set_clock(kBegin + hours(1));
  wait_until([&] { return !told().empty(); });
  EXPECT_THAT(told(), ElementsAre("backup: it could not be started"));
  EXPECT_THAT(notes_.text(), HasSubstr("/no/such/program: No such file"));
}

TEST_F(Supervisors, RunOneJobAtATimeAndTellWhatIsLate)
{
  schedule(Job::backup, "30 3 * * *");
  schedule(Job::verify, "0 3 * * *");
  const std::string gate = dir_.file("gate");
  set_script(Job::verify, "while [ ! -e " + gate + " ]; do sleep 0.01; done");
  set_script(Job::backup, "exit 0");
  start();
  let_it_look();
  set_clock(kBegin + minutes(30));
  wait_until([&] { return supervisor_->state().running.has_value(); });
  set_clock(kBegin + hours(1) + minutes(59));
  let_it_look();
  EXPECT_THAT(told(), testing::IsEmpty());
  set_clock(kBegin + hours(2));
  wait_until([&] { return !told().empty(); });
  let_it_look();
  EXPECT_THAT(told(), ElementsAre("backup: it has not begun: verify has been running since "
                                  "2026-01-15T03:00:00Z"));
  EXPECT_EQ(ends(), "verify try 1: ?\n");
  dir_.write_file("gate", "");
  wait_for_ends("verify try 1: 0\nbackup try 1: 0\n");
}

TEST_F(Supervisors, TellOfALateRunThoughItIsDueAgainEachHour)
{
  schedule(Job::backup, "0 * * * *");
  const std::string gate = dir_.file("gate");
  set_script(Job::verify, "while [ ! -e " + gate + " ]; do sleep 0.01; done");
  set_script(Job::backup, "exit 0");
  start();
  supervisor_->ask_for(Job::verify);
  wait_until([&] { return supervisor_->state().running.has_value(); });
  for (int half_hours = 1; half_hours <= 4; ++half_hours) {
    set_clock(kBegin + minutes(30 * half_hours));
    let_it_look();
  }
  EXPECT_THAT(told(), ElementsAre(HasSubstr("it has not begun: verify has been running")));
  dir_.write_file("gate", "");
  wait_for_ends("verify by hand try 1: 0\nbackup try 1: 0\n");
}

TEST_F(Supervisors, GoOnWhereTheJournalCannotBeWritten)
{
  schedule(Job::backup, "30 3 * * *");
  set_script(Job::backup, "echo well");
  start();
  let_it_look();
  auto* const old = ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit full{.rlim_cur = 0, .rlim_max = limit.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &full);
  set_clock(kBegin + hours(1));
  wait_for_ends("backup try 1: 0\n");
  set_clock(kBegin + hours(2));
  let_it_look();
  ::setrlimit(RLIMIT_FSIZE, &limit);
  ::signal(SIGXFSZ, old);
  EXPECT_EQ(ends(), "backup try 1: 0\n");
  EXPECT_THAT(notes_.text(), HasSubstr("warning: the journal: "));
  EXPECT_THAT(notes_.text(), HasSubstr("backup: well\n"));
}

TEST_F(Supervisors, BeginWhatAPersonAsksForOnce)
{
  const std::string gate = dir_.file("gate");
  set_script(Job::drill, "while [ ! -e " + gate + " ]; do sleep 0.01; done");
  start();
  EXPECT_TRUE(supervisor_->ask_for(Job::drill));
  wait_until([&] { return supervisor_->state().running.has_value(); });
  EXPECT_FALSE(supervisor_->ask_for(Job::drill));
  EXPECT_TRUE(supervisor_->ask_for(Job::backup));
  EXPECT_FALSE(supervisor_->ask_for(Job::backup));
  dir_.write_file("gate", "");
  wait_for_ends("verify-restore by hand try 1: 0\nbackup by hand try 1: 0\n");
}

TEST_F(Supervisors, BeginNothingWhereThereIsNoStore)
{
  hindered_ = true;
  schedule(Job::backup, "30 3 * * *");
  set_script(Job::backup, "exit 0");
  start();
  wait_until([&] { return supervisor_->state().obstacle.has_value(); });
  set_clock(kBegin + hours(2));
  wait_until([&] { return !told().empty(); });
  EXPECT_THAT(told(), ElementsAre("backup: it has not begun: no store yet"));
  set_clock(kBegin + hours(3));
  let_it_look();
  EXPECT_EQ(ends(), "");
  EXPECT_THAT(notes_.text(), HasSubstr("warning: nothing is begun: no store yet\nBegin one.\n"));
  hindered_ = false;
  set_clock(kBegin + hours(3) + minutes(6));
  wait_for_ends("backup try 1: 0\n");
}

TEST_F(Supervisors, LetTheRunningJobEndInOrder)
{
  const std::string ready = dir_.file("ready");
  set_script(Job::backup, "trap 'echo in order; exit 130' TERM; touch " + ready +
                              "; while :; do sleep 0.01; done");
  start();
  supervisor_->ask_for(Job::backup);
  wait_until([&] { return path_exists(ready); });
  stop();
  EXPECT_THAT(notes_.text(), HasSubstr("backup: in order\n"));
  EXPECT_THAT(notes_.text(), HasSubstr("exit status 130"));
}

TEST_F(Supervisors, KillAJobThatHangs)
{
  const std::string ready = dir_.file("ready");
  job_.time_to_end = seconds(1);
  set_script(Job::backup, "trap '' TERM; touch " + ready + "; while :; do sleep 0.01; done");
  start();
  supervisor_->ask_for(Job::backup);
  wait_until([&] { return path_exists(ready); });
  stop();
  EXPECT_THAT(notes_.text(), HasSubstr("did not end within 1.0 s, and was killed"));
}

TEST_F(Supervisors, MakeUpForWhatWasMissedAndKilledWithThem)
{
  schedule(Job::backup, "30 3 * * *");
  const std::string ready = dir_.file("ready");
  set_script(Job::backup, "touch " + ready + "; exec sleep 300");
  start();
  let_it_look();
  set_clock(kBegin + hours(1));
  wait_until([&] { return path_exists(ready); });
  // As if the machine had lost its power: the journal knows the beginning alone.
  const std::string kept = dir_.file("kept");
  std::filesystem::copy(dir_.file("state"), kept, std::filesystem::copy_options::recursive);
  stop();
  std::filesystem::remove_all(dir_.file("state"));
  std::filesystem::rename(kept, dir_.file("state"));
  set_script(Job::backup, "exit 0");
  set_clock(kBegin + hours(9));
  start();
  wait_for_ends("backup try 1: ?\nbackup try 2: 0\n");
  stop();
  // Five nights later, four of them off.
  set_clock(kBegin + hours(24 * 5 + 6));
  start();
  wait_for_ends("backup try 1: ?\nbackup try 2: 0\nbackup try 1: 0\n");
}

TEST_F(Supervisors, DoNotShareTheirState)
{
  start();
  const auto second = Supervisor::create(job_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::invalid);
  EXPECT_THAT(second.error().message, HasSubstr("another process has it"));
}

}  // namespace
}  // namespace ib::test
