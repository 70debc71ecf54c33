// SPDX-License-Identifier: Apache-2.0
//
// What this machine has begun by itself, and how it ended. It is kept beside the store, so that a
// night which never reached the store is known.
#pragma once

#include "base/result.hpp"
#include "core/schedule/agenda.hpp"
#include "sys/line_file.hpp"

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

struct RecordedRun {
  std::string id;  ///< "20260115T033000Z-backup", the name of its log
  Job job = Job::backup;
  JobRun run;
  bool by_hand = false;    ///< and not by the schedule
  std::string store = {};  ///< its address, as it was then
};

/// In a folder of its own (docs/formats/state-folder.md). One thread at a time.
class JobJournal {
public:
  /// The runs that it remembers. Older ones are forgotten, and so are their logs.
  static constexpr std::size_t kRuns = 400;

  /// Creates the folder, for its owner alone, where it is not there. precondition_failed if another
  /// process has it. Lines that are not a journal's are passed over.
  static Result<JobJournal> open(const std::string& folder);

  /// Oldest first.
  const std::deque<RecordedRun>& runs() const { return runs_; }
  std::optional<JobRun> last_by_schedule(Job job) const;

  /// When the job got this schedule. That is now where it had another one.
  Timestamp schedule_since(Job job, std::string_view schedule, Timestamp now);

  // What these have been told holds even where it cannot be written.
  Result<> begin(RecordedRun run);
  Result<> end(const std::string& id, Timestamp now, int exit_status);

  /// A new log for the run.
  Result<LineFile> open_log(const std::string& id);
  /// Its lines. not_found if it has none.
  Result<std::vector<std::string>> read_log(const std::string& id) const;

private:
  struct Held {
    std::string schedule;
    Timestamp since;
  };
  JobJournal(Folder folder, Folder logs) : folder_(std::move(folder)), logs_(std::move(logs)) {}
  Result<> load();
  void take(const std::string& line);
  std::vector<std::string> as_lines() const;
  Result<> rewrite();
  Result<> write(const std::string& line);
  void forget_old_logs() const;

  Folder folder_, logs_;
  std::optional<LineFile> file_;
  std::size_t lines_ = 0;  // of the file
  std::deque<RecordedRun> runs_;
  std::array<std::optional<Held>, kJobs.size()> held_;
};

}  // namespace ib
