// SPDX-License-Identifier: Apache-2.0
//
// What a backup has to do: the library compared with the manifest.
#pragma once

#include "app/backup/backup_job.hpp"
#include "app/backup/forecast.hpp"
#include "app/findings.hpp"
#include "app/session.hpp"
#include "core/planning/plan.hpp"
#include "core/records/restore_point.hpp"
#include "core/selection/scope.hpp"
#include "immich/database.hpp"
#include "immich/media_paths.hpp"
#include "manifest/run_plan.hpp"
#include "scan/library.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// Which files a backup covers: the default ones, and what the job says of them. invalid for a
/// pattern that is none.
Result<Scope> scope_of(const BackupJob& job);

/// Patterns for the external libraries that lie in the media root, beside Immich's own folders.
std::vector<std::string> external_folders_in_library(const BackupJob& job,
                                                     const ImmichFacts& facts);

/// How the server names the files of the job. `facts` are those of its database.
MediaPaths media_paths_of(const BackupJob& job, const ImmichFacts& facts,
                          const std::vector<ExtraRoot>& extra_roots);

/// Which files that look unchanged are read all the same: another part of the library each run, so
/// that after as many runs as there are parts each has been read.
class Rehash {
public:
  /// `last` is what the restore point before says.
  Rehash(const BackupJob& job, std::optional<RehashRound> last);

  /// Null: none is.
  std::function<bool(const std::string& path)> rule() const;
  /// What is to be said in the restore point; `done`: the files of this round were read.
  std::optional<RehashRound> round(bool done) const { return done && next_ ? next_ : last_; }

private:
  bool all_;
  std::optional<RehashRound> last_, next_;
};

struct LibraryPlan {
  PlanCounts counts;
  std::vector<std::string> left_out;  ///< "thumbs/ (Immich makes them again)"
  std::uint64_t unseen = 0;   ///< folders and files that could not be looked at; links do not count
  std::int64_t began_ns = 0;  ///< instant_between_ctimes()
};

/// Compares the library with the rows of `manifest`, and writes what is to be done into `plan`. A
/// file that has to be read is added to `forecast`. `looked_at_ns` is what the restore point
/// before says.
Result<LibraryPlan> plan_library(const Session& session, const BackupJob& job,
                                 const Library& library, const Manifest& manifest, RunPlan& plan,
                                 const Rehash& rehash, std::optional<std::int64_t> looked_at_ns,
                                 BackupForecast& forecast, Findings& findings);

}  // namespace ib
