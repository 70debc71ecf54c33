// SPDX-License-Identifier: Apache-2.0
#include "core/records/path_history.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

namespace ib {
namespace {

PathEvent event_of(const FileRecord* before, const PathState& state)
{
  if (state.placed) return PathEvent::placed;
  if (state.is_aside()) return PathEvent::kept_aside;
  const FileRecord& now = state.record;
  if (now.archived) return PathEvent::archived;
  if (before == nullptr) return PathEvent::added;
  if (before->archived) return PathEvent::returned;
  return before->content == now.content ? PathEvent::stored_again : PathEvent::changed;
}

/// Whether a restore of the point brings the state, as far as generations tell.
bool brings(const RestorablePoint& point, const PathState& state, bool something_is_placed)
{
  if (state.record.archived || state.is_aside()) return false;
  if (state.placed) return point.places;
  // It brings what is placed instead; what an older one placed there, nobody knows here.
  if (something_is_placed && point.places) return false;
  if (state.since.generation == point.generation && !point.run.empty())
    return state.since.run == point.run;
  return state.since.generation <= point.generation &&
         (!state.until || point.generation < state.until->generation);
}

}  // namespace

std::optional<Timestamp> newest_that_restores(const PathState& state, bool something_is_placed,
                                              std::span<const RestorablePoint> restore_points)
{
  for (const RestorablePoint& point : restore_points | std::views::reverse) {
    if (brings(point, state, something_is_placed)) return point.time;
  }
  return std::nullopt;
}

PathHistory history_of(std::vector<PathState> states,
                       std::span<const RestorablePoint> restore_points)
{
  PathHistory history;
  const FileRecord* before = nullptr;
  const bool something_is_placed = std::ranges::any_of(states, &PathState::placed);
  for (const PathState& state : states) {
    history.entries.push_back(
        {.state = {},
         .event = event_of(before, state),
         .restore_at = newest_that_restores(state, something_is_placed, restore_points)});
    if (!state.is_aside()) before = &state.record;
  }
  for (std::size_t i = 0; i < states.size(); ++i) history.entries[i].state = std::move(states[i]);
  if (!history.entries.empty()) history.path = history.entries.front().state.record.path;
  return history;
}

}  // namespace ib
