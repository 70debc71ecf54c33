// SPDX-License-Identifier: Apache-2.0
#include "core/records/path_history.hpp"

#include <algorithm>
#include <ranges>
#include <tuple>
#include <utility>

namespace ib {
namespace {

/// It lasted no time: Manifest::record_aside.
bool is_aside(const PathState& state)
{
  return !state.record.archived && state.until == state.record.since;
}

PathEvent event_of(const FileRecord* before, const FileRecord& now)
{
  if (now.archived) return PathEvent::archived;
  if (before == nullptr) return PathEvent::added;
  if (before->archived) return PathEvent::returned;
  return before->content == now.content ? PathEvent::stored_again : PathEvent::changed;
}

bool holds_at(const PathState& state, Timestamp time)
{
  return !state.record.archived && state.record.since <= time &&
         (!state.until || time < *state.until);
}

/// The state that a restore brings back at `time`: of several that overlap, which runs that did not
/// know of each other may leave, the one that Manifest::records_at takes.
const PathState* state_at(std::span<const PathState> states, Timestamp time)
{
  const auto rank = [](const PathState& state) {
    const FileRecord& record = state.record;
    return std::tuple(record.since, record.content.sha256,
                      record.object ? record.object->value : "");
  };
  const PathState* found = nullptr;
  for (const PathState& state : states) {
    if (holds_at(state, time) && (found == nullptr || rank(*found) < rank(state))) found = &state;
  }
  return found;
}

std::optional<Timestamp> newest_that_restores(const PathState& state,
                                              std::span<const PathState> states,
                                              std::span<const Timestamp> restore_points)
{
  const auto end =
      state.until ? std::ranges::lower_bound(restore_points, *state.until) : restore_points.end();
  const auto begin = std::ranges::lower_bound(restore_points.begin(), end, state.record.since);
  for (const Timestamp point : std::ranges::subrange(begin, end) | std::views::reverse) {
    if (state_at(states, point) == &state) return point;
  }
  return std::nullopt;
}

}  // namespace

PathHistory history_of(std::vector<PathState> states, std::span<const Timestamp> restore_points)
{
  PathHistory history;
  const FileRecord* before = nullptr;
  for (const PathState& state : states) {
    history.entries.push_back(
        {.state = {},
         .event = is_aside(state) ? PathEvent::kept_aside : event_of(before, state.record),
         .restore_at = newest_that_restores(state, states, restore_points)});
    if (!is_aside(state)) before = &state.record;
  }
  for (std::size_t i = 0; i < states.size(); ++i) history.entries[i].state = std::move(states[i]);
  if (!history.entries.empty()) history.path = history.entries.front().state.record.path;
  return history;
}

}  // namespace ib
