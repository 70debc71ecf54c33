// SPDX-License-Identifier: Apache-2.0
//
// Runs the jobs of a machine that backs up by itself: each at its time, as a process of its own,
// one at a time.
#pragma once

#include "base/progress.hpp"
#include "base/result.hpp"
#include "core/schedule/agenda.hpp"
#include "service/job_journal.hpp"
#include "sys/subprocess.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace ib {

struct Schedule {
  std::string text;
  CronSchedule times;
};

/// A run that can't tell anybody of itself: it did not begin, or something has killed it.
struct SilentRun {
  Job job = Job::backup;
  Timestamp due{};
  std::string what;
};

struct SupervisorJob {
  std::array<std::optional<Schedule>, kJobs.size()> schedules;  ///< in the order of kJobs
  UtcOffset offset;
  std::chrono::seconds random_delay{};  ///< each due time comes up to so much later
  std::string state_folder;
  std::string store = {};  ///< its address, for the journal
  /// The program that does a job. Its stderr is to be the log as JSON.
  std::function<Program(Job)> program;
  /// Why nothing can be begun, as long as there is a reason. Asked before each run, and once a
  /// minute while there is one.
  std::function<std::optional<Error>()> obstacle;
  /// Tells those who wait to hear of a run.
  std::function<void(const SilentRun&)> tell_of;
  std::function<Timestamp()> now;
  /// How soon it is noticed that the machine slept, or that its clock was set.
  std::chrono::milliseconds look = std::chrono::seconds(5);
  /// How long after a request to stop the running job may go on. It stops at once by itself, unless
  /// it hangs.
  std::chrono::seconds time_to_end = std::chrono::minutes(4);
};

/// How far the running job is.
struct RunningJob {
  std::string id;
  Job job = Job::backup;
  bool by_hand = false;
  unsigned attempt = 1;
  Timestamp began{};
  std::string step;  ///< what it is doing; empty: nothing that takes long
  Timestamp step_began{};
  std::uint64_t files = 0, bytes = 0;
  std::optional<std::uint64_t> total_files = std::nullopt, total_bytes = std::nullopt;
};

struct SupervisorState {
  std::optional<RunningJob> running;
  std::vector<Job> asked;                              ///< by hand, and not begun
  std::array<std::optional<Turn>, kJobs.size()> next;  ///< by the schedule, in the order of kJobs
  std::optional<Error> obstacle;
  std::vector<RecordedRun> runs;  ///< oldest first
};

/// Any thread may call the members but run().
class Supervisor {
public:
  /// How long after its time a run that has not begun is told of.
  static constexpr std::chrono::hours kLate{1};

  /// invalid where the state folder can't be used.
  static Result<std::unique_ptr<Supervisor>> create(SupervisorJob job);

  /// Runs what is due until a stop is requested, and then lets the running job end in order. Passes
  /// the progress of each job on to `progress`.
  void run(Progress& progress, const std::stop_token& stop);

  /// Begins the job as soon as nothing else runs. False if it waits for that already, or runs.
  bool ask_for(Job job);

  SupervisorState state();
  /// The log of a run, also of the running one. not_found if there is none.
  Result<std::vector<std::string>> log(const std::string& id) const;

private:
  class LiveProgress;
  struct Task {
    Job job = Job::backup;
    JobRun run;
    bool by_hand = false;
  };

  Supervisor(SupervisorJob job, JobJournal journal)
      : job_(std::move(job)), journal_(std::move(journal))
  {}
  std::optional<Task> next_task(Timestamp now);
  std::optional<Turn> turn_of(Job job, Timestamp now);
  std::chrono::seconds delay_of(Job job, Timestamp due);
  bool is_hindered(Progress& progress, Timestamp now);
  void tell_of_schedules(Progress& progress);
  void run_task(const Task& task, Progress& progress, const std::stop_token& stop);
  int run_child(const Task& task, Progress& progress, const std::stop_token& stop);
  void tell_of_late_runs(Progress& progress);
  void tell(const SilentRun& run, Progress& progress);

  const SupervisorJob job_;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  JobJournal journal_;  // guarded by mutex_, like all below
  std::optional<RunningJob> running_;
  std::optional<LineFile> log_;  // of the running job
  std::vector<Job> asked_;
  std::optional<Error> obstacle_;
  std::optional<Timestamp> obstacle_seen_;
  struct Draw {
    Timestamp due;
    std::chrono::seconds delay;
  };
  std::array<std::optional<Draw>, kJobs.size()> delays_;
  Timestamp began_{};
  std::array<Timestamp, kJobs.size()> told_late_{};  // the due time
};

}  // namespace ib
