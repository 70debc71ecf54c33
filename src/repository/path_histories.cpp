// SPDX-License-Identifier: Apache-2.0
#include "repository/path_histories.hpp"

#include "repository/listing.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

namespace ib {

Result<PathHistories> PathHistories::open(const RepositoryContext& repository, Catalog& catalog)
{
  return PathHistories(repository, catalog, TRY(restorable_points(repository, catalog.listing)));
}

PathHistories::PathHistories(const RepositoryContext& repository, Catalog& catalog,
                             std::vector<RestorablePoint> points)
    : repository_(repository),
      catalog_(catalog),
      points_(std::move(points)),
      has_forks_(catalog.heads.size() > 1 ||
                 std::ranges::any_of(
                     catalog.listing.manifests,
                     [](const ManifestListing::Entry& entry) { return entry.parents.size() > 1; }))
{}

Result<PathHistory> PathHistories::of(std::vector<PathState> states)
{
  PathHistory history = history_of(std::move(states), points_);
  if (!has_forks_) return history;
  const bool something_is_placed = std::ranges::any_of(
      history.entries, [](const HistoryEntry& entry) { return entry.state.placed; });
  for (HistoryEntry& entry : history.entries) {
    while (entry.restore_at && !TRY(brings(*entry.restore_at, entry.state))) {
      const auto end =
          std::ranges::lower_bound(points_, *entry.restore_at, {}, &RestorablePoint::time);
      entry.restore_at =
          newest_that_restores(entry.state, something_is_placed, std::span(points_.begin(), end));
    }
  }
  return history;
}

Result<bool> PathHistories::brings(Timestamp point, const PathState& state)
{
  auto opened = opened_.find(point);
  if (opened == opened_.end()) {
    const RestorePoint document = TRY(read_restore_point(repository_, restore_point_name(point)));
    opened = opened_.emplace(point, TRY(PointFiles::open(repository_, catalog_, document))).first;
  }
  const std::optional<FileRecord> there = TRY(opened->second.set().find(state.record.path));
  return there && there->content.sha256 == state.record.content.sha256;
}

}  // namespace ib
