// SPDX-License-Identifier: Apache-2.0
//
// The files of a backup on their way into the store, and what is recorded of each.
#pragma once

#include "app/backup/backup_job.hpp"
#include "app/backup/change_judge.hpp"
#include "app/findings.hpp"
#include "app/session.hpp"
#include "core/planning/plan.hpp"
#include "manifest/run_plan.hpp"
#include "report/backup.hpp"
#include "repository/catalog.hpp"
#include "repository/run_journal.hpp"
#include "repository/runs.hpp"
#include "scan/library.hpp"
#include "transfer/upload.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace ib {

/// A file enters the manifest only once the store has confirmed it, so being killed on the way
/// costs repeated work and never a false claim. One thread at a time, whichever it is.
class Uploads {
public:
  /// All must outlive it. `report` has the plan's counts, and takes those of what became of it.
  Uploads(const Session& session, const BackupJob& job, const Library& library, Catalog& catalog,
          RunPlan& plan, RunJournal& journal, BackupReport& report, Findings& findings);

  /// Sends what the plan names. New files first: among them is what has moved, and only then it is
  /// known what has vanished. What `unfinished` lies in must outlive this.
  Result<> run(std::span<const UnfinishedRun> unfinished);

  /// Reads the files at `paths`, which the plan does not name, as far as they are there, and sends
  /// what is new. A path that the manifest does not have is counted as found by the scan.
  Result<> fetch(const std::vector<std::string>& paths);

  /// Not all files were begun, because of the time limit.
  bool is_out_of_time() const { return out_of_time_; }
  /// So much was lost at once that nothing was marked as gone and no changed file was stored.
  bool has_tripped() const { return tripped_; }
  /// Every file that the plan names was read.
  bool has_finished() const { return finished_; }
  /// Known files that hold other bytes than before, and were not stored for that.
  std::uint64_t held_back() const { return tripped_ ? differing_ : 0; }
  /// Files that were there when they were planned, and gone when they were to be read.
  const std::vector<Problem>& vanished() const { return vanished_; }
  /// Files that changed each time they were read, and are not stored for that. By their paths.
  const std::map<std::string, Problem>& changed() const { return changed_; }
  /// Files whose time cannot be kept (kNoTime): how many were read, and the first of them.
  std::uint64_t times_not_kept() const { return times_not_kept_; }
  const std::string& first_time_not_kept() const { return first_time_not_kept_; }
  /// What is still to be read, after a run that `failed` or is out of time; absent: nothing.
  std::optional<Seeding> left_over(bool failed) const;

private:
  Result<> send(RunPlan::Reads which);
  Result<> look_at_known_files();
  Result<std::optional<FileToRead>> file_at(const std::string& path);
  Result<> watch_for_loss();

  bool may_begin_another();
  bool is_ours(const ObjectInfo& object) const;
  Result<Placement> place(const FileToRead& item, const HashedFile& file);
  Result<> count_as_moved(const FileToRead& item, const Sha256& content);
  Result<std::optional<StoredAlready>> as_recorded(const FileToRead& item,
                                                   const HashedFile& file) const;
  Result<std::optional<StoredAlready>> as_held(const FileToRead& item, const HashedFile& file);
  Result<bool> holds(const ObjectName& object, const Content& known, const Content& content) const;
  Result<std::vector<ObjectName>> free_names(const FileToRead& item, const Sha256& content);

  Result<> take(UploadResult result);
  Result<> record(const UploadOutcome& outcome);
  void report_edit(const UploadOutcome& outcome);
  Result<> record_unwanted(const UploadOutcome& outcome, Change change);
  void add_problem(const Error& error, const std::string& path);
  void count(const UploadOutcome& outcome);
  void count_sent(const UploadOutcome& outcome);

  const Session& session_;
  const BackupJob& job_;
  const Library& library_;
  Catalog& catalog_;
  RunPlan& plan_;
  RunJournal& journal_;
  BackupReport& report_;
  Findings& findings_;
  ChangeJudge judge_;
  std::span<const UnfinishedRun> unfinished_;
  bool may_send_ = false;  // the run has announced itself, and no other one was first
  std::chrono::steady_clock::time_point began_{};
  std::uint64_t done_files_ = 0, done_bytes_ = 0;  // of what was planned to be read
  std::uint64_t differing_ = 0;  // known files that were read and hold other bytes
  std::vector<Problem> vanished_;
  std::map<std::string, Problem> changed_;
  std::uint64_t times_not_kept_ = 0;
  std::string first_time_not_kept_;
  bool out_of_time_ = false;
  bool tripped_ = false;
  bool finished_ = false;
  // The files under way; a handful at a time.
  std::map<std::string, Change> odd_;     // changes that somebody has to hear of
  std::set<std::string> moved_, copied_;  // whose content was found under another path
};

}  // namespace ib
