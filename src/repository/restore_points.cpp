// SPDX-License-Identifier: Apache-2.0
#include "repository/restore_points.hpp"

#include "repository/context.hpp"
#include "repository/documents.hpp"

#include <utility>

namespace ib {

Result<RestorePoint> read_restore_point(const RepositoryContext& repository, const ObjectName& name)
{
  Result<RestorePoint> point = parse_restore_point(
      TRY(get_small(repository.store, name, kLargestDocument, repository.stop)), name.value);
  if (point || point.error().code != Errc::corrupt || !point.error().hint.empty()) return point;
  Error error = std::move(point).error();
  error.hint =
      "This restore point is damaged, and others need not be: "
      "`immich-backup restore-points` lists them, --at takes one. "
      "`immich-backup rebuild-manifest` makes a new one from what is stored.";
  return std::unexpected(std::move(error));
}

Result<RestorePoint> choose_restore_point(const RepositoryContext& repository,
                                          const ManifestListing& listing,
                                          std::optional<Timestamp> at)
{
  for (auto it = listing.restore_points.rbegin(); it != listing.restore_points.rend(); ++it) {
    if (!at || it->time <= *at) return read_restore_point(repository, it->name);
  }
  if (listing.restore_points.empty()) {
    return fail(Errc::corrupt, repository.store.url() + ": has no restore point (manifest-*.json)",
                "`immich-backup rebuild-manifest` makes one from what is stored.");
  }
  return fail(Errc::invalid,
              "--at " + format_iso(*at) + ": the first restore point is of " +
                  format_iso(listing.restore_points.front().time),
              "`immich-backup restore-points` lists them all.");
}

Result<std::vector<RestorablePoint>> restorable_points(const RepositoryContext& repository,
                                                       const ManifestListing& listing)
{
  std::vector<RestorablePoint> points;
  points.reserve(listing.restore_points.size());
  for (const ManifestListing::Entry& entry : listing.restore_points) {
    if (entry.is_version_3) {
      points.push_back({.time = entry.time, .generation = generation_in_version_3(entry.time)});
      continue;
    }
    const Result<PointFacts> facts = facts_of(repository, entry);
    if (!facts && facts.error().code == Errc::corrupt) continue;
    if (!facts) return std::unexpected(facts.error());
    points.push_back({.time = entry.time,
                      .generation = facts->recorded_by.generation,
                      .run = facts->recorded_by.run,
                      .places = facts->protected_originals.has_value()});
  }
  return points;
}

Result<PointFacts> facts_of(const RepositoryContext& repository,
                            const ManifestListing::Entry& entry)
{
  if (entry.facts) return *entry.facts;
  return facts_of(TRY(read_restore_point(repository, entry.name)));
}

}  // namespace ib
