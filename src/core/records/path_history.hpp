// SPDX-License-Identifier: Apache-2.0
//
// The life of one path: each state that it was in, and how to get that back.
#pragma once

#include "base/result.hpp"
#include "core/records/file_record.hpp"
#include "core/records/recording_run.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ib {

/// What a path was, from the run that recorded it until the one that recorded something else; that
/// is absent where it still is so.
struct PathState {
  FileRecord record;
  RecordingRun since = {};
  std::optional<RecordingRun> until = std::nullopt;
  /// The library never had it there, or has other bytes there now: a restore of the newest point
  /// with an audit puts it at the path, since Immich's database names it so. `since` says nothing
  /// then.
  bool placed = false;

  /// Content that was kept for reference only: restores ignore it (Manifest::record_aside).
  bool is_aside() const { return !record.archived && until && until->run == since.run; }
};

/// A restore point, as far as it takes to tell which states it brings back.
struct RestorablePoint {
  Timestamp time{};
  std::uint64_t generation = 0;  ///< of the newest run whose states it may bring
  std::string run;               ///< that run; empty where it is not known
  bool places = false;           ///< its restore brings what the audit has placed: it made one
};

/// Paths in byte order, each with states of its life, the oldest first. Memory is that of one path.
class PathStatesCursor {
public:
  virtual ~PathStatesCursor() = default;
  /// At least one state.
  virtual Result<std::optional<std::vector<PathState>>> next() = 0;
};

/// What a state began with.
enum class PathEvent : std::uint8_t {
  added,
  changed,       ///< other content
  archived,      ///< gone from the library, kept in the store
  returned,      ///< there again
  stored_again,  ///< the same content in another object
  placed,        ///< by the audit: see PathState::placed
  kept_aside,  ///< never the path's content to restore: bytes that nobody vouched for, kept all the
               ///< same
};

struct HistoryEntry {
  PathState state;
  PathEvent event = PathEvent::added;
  /// The newest restore point that brings this state back. Absent for one that was archived or kept
  /// aside, where none was written while it lasted, and where those that were bring what the audit
  /// has placed instead.
  std::optional<Timestamp> restore_at = std::nullopt;
};

struct PathHistory {
  std::string path;
  std::vector<HistoryEntry> entries;  ///< oldest first
};

/// The newest of `restore_points`, which are in order, that brings `state` back, as far as
/// generations tell: absent where none does. `something_is_placed`: one of the path's states is.
std::optional<Timestamp> newest_that_restores(const PathState& state, bool something_is_placed,
                                              std::span<const RestorablePoint> restore_points);

/// `states` of one path, the oldest first; `restore_points` in order.
PathHistory history_of(std::vector<PathState> states,
                       std::span<const RestorablePoint> restore_points);

}  // namespace ib
