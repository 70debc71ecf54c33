// SPDX-License-Identifier: Apache-2.0
//
// What a run leaves below runs/ while it uploads, so that the next one goes on from there if it is
// killed: that it began, what it has recorded so far, that it goes on, and that it is over.
#pragma once

#include "repository/catalog.hpp"
#include "repository/context.hpp"
#include "repository/runs.hpp"
#include "sys/timing.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace ib {

/// What a run writes of itself. Its time is the store's, its name is derived from that. One thread
/// at a time; a thread of its own tells that the run goes on.
class RunJournal {
public:
  struct Rules {
    /// A checkpoint is due after so long, or after so many bytes, whichever comes first.
    std::chrono::milliseconds checkpoint_interval;
    std::uint64_t checkpoint_bytes = 0;
    /// Where nothing was stored below runs/ for so long, a heartbeat is.
    std::chrono::milliseconds heartbeat_interval = kHeartbeatInterval;
    bool is_part = false;  ///< of a fleet
  };
  RunJournal(const RepositoryContext& repository, Timestamp started, Rules rules);
  ~RunJournal();
  RunJournal(const RunJournal&) = delete;
  RunJournal& operator=(const RunJournal&) = delete;
  RunJournal(RunJournal&&) = delete;
  RunJournal& operator=(RunJournal&&) = delete;

  const std::string& run() const { return run_; }
  /// The store's time at which the run began.
  Timestamp started() const { return started_; }

  /// Announces the run in the store, before its first upload; once. From now on it has heartbeats.
  Result<> begin();
  /// Counts bytes that the store has confirmed and the catalog recorded; stores a checkpoint where
  /// one is due.
  Result<> stored(Catalog& catalog, std::uint64_t bytes);
  /// Stores what the catalog has recorded since the last checkpoint, if that is anything.
  Result<> checkpoint(Catalog& catalog);
  /// Says that this run is over, and that what `others` had left is in the manifest that it has
  /// committed. Only after a commit. A mark that fails costs the next run a look: `notes` takes it.
  void end(const std::vector<UnfinishedRun>& others, std::vector<std::string>& notes);
  /// Says that this run does nothing any more and that another one has to take it in, so that the
  /// next one need not wait to see whether it goes on.
  void stop();

private:
  using Instant = std::chrono::steady_clock::time_point;

  Timestamp now() const;
  Result<ObjectInfo> put_mark(const ObjectName& name, const std::string& run, Metadata metadata,
                              const std::stop_token& stop) const;
  void beat(const std::stop_token& stop);

  const RepositoryContext& repository_;
  Timestamp started_;
  Instant created_ = std::chrono::steady_clock::now();
  std::string run_;
  Rules rules_;
  bool begun_ = false;
  unsigned checkpoints_ = 0;
  std::uint64_t bytes_since_ = 0;
  Instant last_checkpoint_{};
  std::atomic<Instant> seen_{};  // when this run left its newest object below runs/
  unsigned heartbeats_ = 0;      // of the thread
  std::optional<Periodic> heart_;
};

}  // namespace ib
