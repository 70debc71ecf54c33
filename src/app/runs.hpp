// SPDX-License-Identifier: Apache-2.0
//
// What a run leaves below runs/ while it uploads, so that the next one goes on from there if it is
// killed: that it began, what it has recorded so far, and that it is over.
#pragma once

#include "app/catalog.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace ib {

/// A run that began and whose end is not recorded: interrupted, or still going on.
struct UnfinishedRun {
  std::string run;
  std::vector<CheckpointInfo> checkpoints;  ///< in their order
  unsigned last_checkpoint = 0;             ///< its number; 0 where there is none
};
Result<std::vector<UnfinishedRun>> unfinished_runs(const Session& session);

/// Takes in what unfinished runs had recorded: each row was confirmed by the store before. A
/// checkpoint that cannot be read is passed over with a note: its files are only looked at again.
Result<> fold_checkpoints(const Session& session, Catalog& catalog,
                          const std::vector<UnfinishedRun>& runs, std::vector<std::string>& notes);

/// What unfinished runs may have stored after their last checkpoint: lists all objects of files,
/// and keeps those that no row claims, for Manifest::find_unclaimed. There must be a plan, and the
/// contents indexed. An object that has lost its metadata is not among them: it is found when its
/// name is tried.
Result<> find_what_was_left(const Session& session, Catalog& catalog);

/// Records what no row claims even now, as content that its path once had (Manifest::record_aside):
/// the file has changed or gone since. Returns how many objects nothing else names. Size and CRC32C
/// are the store's word; that it was given for what the unfinished run had read, that run's insert
/// made sure.
Result<std::uint64_t> claim_what_was_left(const Session& session, Catalog& catalog, Timestamp now);

/// What a run writes of itself. Its time is the store's, its name is derived from that. One thread
/// at a time.
class RunJournal {
public:
  /// A checkpoint is due after so long, or after so many bytes, whichever comes first.
  struct CheckpointRule {
    std::chrono::milliseconds interval;
    std::uint64_t bytes = 0;
  };
  RunJournal(const Session& session, Timestamp started, CheckpointRule rule);

  const std::string& run() const { return run_; }

  /// Announces the run in the store, before its first upload; once.
  Result<> begin();
  /// Counts bytes that the store has confirmed and the catalog recorded; stores a checkpoint where
  /// one is due.
  Result<> stored(Catalog& catalog, std::uint64_t bytes);
  /// Stores what the catalog has recorded since the last checkpoint, if that is anything.
  Result<> checkpoint(Catalog& catalog);
  /// Says that this run is over, and that what `others` had left is in the manifest that it has
  /// committed. Only after a commit. A mark that fails costs the next run a look: `notes` takes it.
  void end(const std::vector<UnfinishedRun>& others, std::vector<std::string>& notes);

private:
  Result<ObjectInfo> put_mark(const ObjectName& name, const std::string& run,
                              const std::stop_token& stop);

  const Session& session_;
  Timestamp started_;
  std::string run_;
  CheckpointRule rule_;
  bool begun_ = false;
  unsigned checkpoints_ = 0;
  std::uint64_t bytes_since_ = 0;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace ib
