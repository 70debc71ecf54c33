// SPDX-License-Identifier: Apache-2.0
//
// What a run leaves below runs/ while it uploads, so that the next one goes on from there if it is
// killed: that it began, what it has recorded so far, and that it is over.
#pragma once

#include "repository/catalog.hpp"
#include "repository/context.hpp"
#include "repository/runs.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace ib {

/// What a run writes of itself. Its time is the store's, its name is derived from that. One thread
/// at a time.
class RunJournal {
public:
  /// A checkpoint is due after so long, or after so many bytes, whichever comes first.
  struct CheckpointRule {
    std::chrono::milliseconds interval;
    std::uint64_t bytes = 0;
  };
  RunJournal(const RepositoryContext& repository, Timestamp started, CheckpointRule rule);

  const std::string& run() const { return run_; }
  /// The store's time at which the run began.
  Timestamp started() const { return started_; }

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

  const RepositoryContext& repository_;
  Timestamp started_;
  std::string run_;
  CheckpointRule rule_;
  bool begun_ = false;
  unsigned checkpoints_ = 0;
  std::uint64_t bytes_since_ = 0;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace ib
