// SPDX-License-Identifier: Apache-2.0
//
// The life of one path: each state that it was in, and how to get that back.
#pragma once

#include "base/result.hpp"
#include "core/records/file_record.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ib {

/// A path was so from record.since until before `until`; absent: it still is.
struct PathState {
  FileRecord record;
  std::optional<Timestamp> until = std::nullopt;
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
  kept_aside,  ///< never the path's content to restore: bytes that nobody vouched for, kept all the
               ///< same
};

struct HistoryEntry {
  PathState state;
  PathEvent event = PathEvent::added;
  /// The newest restore point that brings this state back. Absent for one that was archived or kept
  /// aside, and where none was written while it lasted.
  std::optional<Timestamp> restore_at = std::nullopt;
};

struct PathHistory {
  std::string path;
  std::vector<HistoryEntry> entries;  ///< oldest first
};

/// `states` of one path, the oldest first; `restore_points` in order.
PathHistory history_of(std::vector<PathState> states, std::span<const Timestamp> restore_points);

}  // namespace ib
