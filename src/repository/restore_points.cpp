// SPDX-License-Identifier: Apache-2.0
#include "repository/restore_points.hpp"

#include "base/text.hpp"
#include "repository/context.hpp"
#include "repository/documents.hpp"
#include "sys/hash.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

constexpr std::uint64_t kLargestDocument = std::uint64_t{16} * 1024 * 1024;

}  // namespace

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

Result<PointFacts> facts_of(const RepositoryContext& repository,
                            const ManifestListing::Entry& entry)
{
  if (entry.facts) return *entry.facts;
  return facts_of(TRY(read_restore_point(repository, entry.name)));
}

Result<RestorePoint> choose_good_restore_point(const RepositoryContext& repository,
                                               const ManifestListing& listing,
                                               std::optional<Timestamp> at,
                                               std::vector<std::string>& notes,
                                               const std::function<bool(const PointFacts&)>& wanted)
{
  const ManifestListing::Entry* newest = nullptr;
  const ManifestListing::Entry* chosen = nullptr;
  for (auto it = listing.restore_points.rbegin();
       it != listing.restore_points.rend() && chosen == nullptr; ++it) {
    if (at && it->time > *at) continue;
    const PointFacts facts = TRY(facts_of(repository, *it));
    if (wanted && !wanted(facts)) continue;
    if (newest == nullptr) newest = &*it;
    if (facts.complete || it->time == at) chosen = &*it;
  }
  if (newest == nullptr)
    return choose_restore_point(repository, listing, at);  // which says what is wrong
  if (chosen == nullptr) chosen = newest;
  RestorePoint point = TRY(read_restore_point(repository, chosen->name));
  const auto tell = [&](std::string note) {
    repository.progress.note(note);
    notes.push_back(std::move(note));
  };
  if (chosen != newest) {
    tell("the restore point of " + format_iso(newest->time) + " is newer, and incomplete: --at " +
         format_iso(newest->time) + " takes it instead of " + format_iso(point.time) +
         ", the newest complete one");
  } else if (!point.complete) {
    tell("the restore point of " + format_iso(point.time) +
         " is incomplete: `immich-backup restore-points` lists them all");
  }
  return point;
}

}  // namespace ib
