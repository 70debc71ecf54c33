// SPDX-License-Identifier: Apache-2.0
#include "service/supervisor.hpp"

#include "base/text.hpp"
#include "service/child_log.hpp"
#include "sys/system.hpp"
#include "sys/timing.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <utility>

namespace ib {
namespace {

constexpr std::chrono::minutes kLookAtObstacle{1};
constexpr int kKilled = 137;
constexpr int kCannotStart = 127;

std::size_t index_of(Job job)
{
  return static_cast<std::size_t>(job);
}

/// Whether the program can't have told of its end itself: a signal ended it.
bool is_silent_end(int exit_status)
{
  constexpr int kSignals = 128, kInterrupted = 130;
  return exit_status == kCannotStart || (exit_status > kSignals && exit_status != kInterrupted);
}

}  // namespace

/// Keeps what a page shows of the running job, and its log.
class Supervisor::LiveProgress final : public Progress {
public:
  LiveProgress(Supervisor& supervisor, Progress& shown) : supervisor_(supervisor), shown_(shown) {}

  void begin(std::string_view step, std::optional<std::uint64_t> total_files,
             std::optional<std::uint64_t> total_bytes) override
  {
    {
      const std::lock_guard lock(supervisor_.mutex_);
      RunningJob& running = *supervisor_.running_;
      running.step = step;
      running.step_began = supervisor_.job_.now();
      running.files = 0;
      running.bytes = 0;
      running.total_files = total_files;
      running.total_bytes = total_bytes;
    }
    shown_.begin(step, total_files, total_bytes);
  }

  void advance(std::uint64_t files, std::uint64_t bytes) override
  {
    {
      const std::lock_guard lock(supervisor_.mutex_);
      supervisor_.running_->files += files;
      supervisor_.running_->bytes += bytes;
    }
    shown_.advance(files, bytes);
  }

  void end() override
  {
    {
      const std::lock_guard lock(supervisor_.mutex_);
      supervisor_.running_->step.clear();
    }
    shown_.end();
  }

  void note(std::string_view line) override
  {
    {
      const std::lock_guard lock(supervisor_.mutex_);
      // A full disk must not end the backup.
      if (supervisor_.log_)
        static_cast<void>(
            supervisor_.log_->add(format_iso(supervisor_.job_.now()) + " " + printable(line)));
    }
    shown_.note(line);
  }

private:
  Supervisor& supervisor_;
  Progress& shown_;
};

Result<std::unique_ptr<Supervisor>> Supervisor::create(SupervisorJob job)
{
  Result<JobJournal> journal = JobJournal::open(job.state_folder);
  if (!journal) {
    Error error = in_context("the state folder", std::move(journal).error());
    error.hint =
        error.code == Errc::precondition_failed
            ? "Only one `immich-backup serve` at a time may use it. Stop the other one, or "
              "give this one a folder of its own: --state DIR."
            : "Name a folder that this user may write: --state DIR.";
    error.code = Errc::invalid;
    return std::unexpected(std::move(error));
  }
  return std::unique_ptr<Supervisor>(new Supervisor(std::move(job), *std::move(journal)));
}

void Supervisor::run(Progress& progress, const std::stop_token& stop)
{
  {
    const std::lock_guard lock(mutex_);
    began_ = job_.now();
  }
  const Periodic watch(job_.look, [&](const std::stop_token&) { tell_of_late_runs(progress); });
  for (bool first = true; !stop.stop_requested(); first = false) {
    const Timestamp now = job_.now();
    const std::optional<Task> task = next_task(now);
    const bool looks = task || first || state().obstacle;
    if (looks && !is_hindered(progress, now) && task) {
      run_task(*task, progress, stop);
      continue;
    }
    if (first) tell_of_schedules(progress);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, job_.look, [&] { return !asked_.empty() && !obstacle_; });
  }
}

/// What is to be begun now.
std::optional<Supervisor::Task> Supervisor::next_task(Timestamp now)
{
  const std::lock_guard lock(mutex_);
  if (!asked_.empty())
    return Task{.job = asked_.front(), .run = {.due = now, .began = now}, .by_hand = true};
  for (const Job job : kJobs) {
    const std::optional<Turn> turn = turn_of(job, now);
    if (turn && turn->at <= now)
      return Task{.job = job, .run = {.due = turn->due, .attempt = turn->attempt, .began = now}};
  }
  return std::nullopt;
}

/// By the schedule. Call it with the mutex locked, like the next.
std::optional<Turn> Supervisor::turn_of(Job job, Timestamp now)
{
  const std::optional<Schedule>& schedule = job_.schedules.at(index_of(job));
  if (!schedule) return std::nullopt;
  const Timestamp since = journal_.schedule_since(job, schedule->text, now);
  const std::optional<JobRun> last = journal_.last_by_schedule(job);
  const auto with = [&](std::chrono::seconds delay) {
    return next_turn(schedule->times, job_.offset, since, last, now, delay);
  };
  return with(delay_of(job, with({}).due));
}

/// The same for a due time until another comes.
std::chrono::seconds Supervisor::delay_of(Job job, Timestamp due)
{
  std::optional<Draw>& draw = delays_.at(index_of(job));
  if (!draw || draw->due != due) {
    std::random_device dice;
    std::uniform_int_distribution<std::int64_t> any(0, job_.random_delay.count());
    draw = {.due = due, .delay = std::chrono::seconds(any(dice))};
  }
  return draw->delay;
}

bool Supervisor::is_hindered(Progress& progress, Timestamp now)
{
  {
    const std::lock_guard lock(mutex_);
    if (obstacle_ && obstacle_seen_ && now >= *obstacle_seen_ &&
        now < *obstacle_seen_ + kLookAtObstacle)
      return true;
  }
  const std::optional<Error> obstacle = job_.obstacle();
  const std::lock_guard lock(mutex_);
  const bool is_news = obstacle && (!obstacle_ || obstacle_->message != obstacle->message);
  if (is_news) {
    progress.note("warning: nothing is begun: " + obstacle->message);
    if (!obstacle->hint.empty()) progress.note(obstacle->hint);
  }
  if (obstacle_ && !obstacle) progress.note("what kept everything from being begun is gone");
  obstacle_ = obstacle;
  obstacle_seen_ = now;
  return obstacle.has_value();
}

void Supervisor::tell_of_schedules(Progress& progress)
{
  const SupervisorState now = state();
  for (const Job job : kJobs)
    if (const std::optional<Turn>& turn = now.next.at(index_of(job)))
      progress.note("next " + std::string(command_of(job)) + ": " + format_iso(turn->at) + " (" +
                    job_.schedules.at(index_of(job))->text + ")");
}

void Supervisor::run_task(const Task& task, Progress& progress, const std::stop_token& stop)
{
  const std::string name(command_of(task.job));
  RecordedRun recorded{.id = format_compact(task.run.began) + "-" + name,
                       .job = task.job,
                       .run = task.run,
                       .by_hand = task.by_hand,
                       .store = job_.store};
  {
    const std::lock_guard lock(mutex_);
    std::erase(asked_, task.job);
    running_ = RunningJob{.id = recorded.id,
                          .job = task.job,
                          .by_hand = task.by_hand,
                          .attempt = task.run.attempt,
                          .began = task.run.began};
    Result<> kept = journal_.begin(recorded);
    if (Result<LineFile> log = journal_.open_log(recorded.id)) {
      log_ = *std::move(log);
    } else if (kept) {
      kept = std::unexpected(std::move(log).error());
    }
    if (!kept) progress.note("warning: the journal: " + kept.error().message);
  }
  LiveProgress live(*this, progress);
  live.note(name + ": begins, " +
            (task.by_hand ? "as asked for"
                          : "as due at " + format_iso(task.run.due) +
                                (task.run.attempt > 1 ? ", try " + std::to_string(task.run.attempt)
                                                      : std::string())));
  const auto before = std::chrono::steady_clock::now();
  const int status = run_child(task, live, stop);
  const Timestamp ended = job_.now();
  live.note(name + ": ended with exit status " + std::to_string(status) + " after " +
            format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::steady_clock::now() - before)));
  {
    const std::lock_guard lock(mutex_);
    running_.reset();
    log_.reset();
    if (const Result<> kept = journal_.end(recorded.id, ended, status); !kept)
      progress.note("warning: the journal: " + kept.error().message);
  }
  if (is_silent_end(status) && !stop.stop_requested())
    tell({.job = task.job,
          .due = task.run.due,
          .what = status == kCannotStart ? "it could not be started"
                                         : "signal " + std::to_string(status - 128) +
                                               " ended it, perhaps since memory was exhausted"},
         progress);
}

/// Returns its exit status, as a shell would.
int Supervisor::run_child(const Task& task, Progress& progress, const std::stop_token& stop)
{
  ChildLog log{std::string(command_of(task.job)), progress};
  Program program = job_.program(task.job);
  program.with_children = true;
  program.time_to_end = job_.time_to_end;
  program.on_stderr = [&](std::string_view piece) { log.take_log(piece); };
  const auto work = [&]() -> Result<int> {
    Subprocess process = TRY(Subprocess::start(program, stop));
    process.close_stdin();
    std::array<std::byte, 4096> buffer;
    for (;;) {
      const std::size_t n = TRY(process.read(buffer));
      if (n == 0) break;
      log.take_results(text_of(ByteView(buffer).first(n)));
    }
    return TRY(process.finish()).status;
  };
  const Result<int> status = work();
  log.end();
  if (status) return *status;
  if (status.error().code == Errc::cancelled) {
    progress.note("warning: " + std::string(command_of(task.job)) + ": did not end within " +
                  format_duration(job_.time_to_end) + ", and was killed");
    return kKilled;
  }
  progress.note("warning: " + std::string(command_of(task.job)) + ": " + status.error().message);
  return kCannotStart;
}

void Supervisor::tell_of_late_runs(Progress& progress)
{
  std::vector<SilentRun> late;
  {
    const std::lock_guard lock(mutex_);
    const Timestamp now = job_.now();
    for (const Job job : kJobs) {
      const std::optional<Turn> turn = turn_of(job, now);
      Timestamp& told = told_late_.at(index_of(job));
      // What was missed while this machine was off is begun first, and told of only if it is not.
      if (!turn || turn->attempt > 1 || now < turn->at ||
          now < std::max(turn->since, began_) + job_.random_delay + kLate || told == turn->since ||
          (running_ && running_->job == job))
        continue;
      told = turn->since;
      late.push_back(
          {.job = job,
           .due = turn->since,
           .what = "it has not begun: " +
                   (running_ ? std::string(command_of(running_->job)) + " has been running since " +
                                   format_iso(running_->began)
                    : obstacle_ ? obstacle_->message
                                : "this machine was not ready")});
    }
  }
  for (const SilentRun& run : late) tell(run, progress);
}

void Supervisor::tell(const SilentRun& run, Progress& progress)
{
  progress.note("warning: " + std::string(command_of(run.job)) + " of " + format_iso(run.due) +
                ": " + run.what);
  if (job_.tell_of) job_.tell_of(run);
}

bool Supervisor::ask_for(Job job)
{
  {
    const std::lock_guard lock(mutex_);
    if (std::ranges::find(asked_, job) != asked_.end() || (running_ && running_->job == job))
      return false;
    asked_.push_back(job);
  }
  wake_.notify_all();
  return true;
}

SupervisorState Supervisor::state()
{
  const std::lock_guard lock(mutex_);
  SupervisorState state{.running = running_,
                        .asked = asked_,
                        .obstacle = obstacle_,
                        .runs = {journal_.runs().begin(), journal_.runs().end()}};
  for (const Job job : kJobs) state.next.at(index_of(job)) = turn_of(job, job_.now());
  return state;
}

Result<std::vector<std::string>> Supervisor::log(const std::string& id) const
{
  const std::lock_guard lock(mutex_);
  return journal_.read_log(id);
}

}  // namespace ib
