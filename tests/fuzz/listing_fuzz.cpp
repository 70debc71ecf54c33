// SPDX-License-Identifier: Apache-2.0
//
// What a listing of a store tells: manifests and what they build on, restore points, unfinished
// runs, proofs, dumps. The input describes the store's objects (memory_store.hpp).
#include "base/progress.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/memory_store.hpp"
#include "repository/dumps.hpp"
#include "repository/listing.hpp"
#include "repository/point_choice.hpp"
#include "repository/proofs.hpp"
#include "repository/restore_points.hpp"
#include "repository/runs.hpp"
#include "repository/store_marker.hpp"

#include <algorithm>

namespace {

using namespace ib;

void check_listing(const RepositoryContext& repository, const ManifestListing& listing)
{
  const std::vector<ManifestListing::Entry> heads = listing.heads();
  fuzz::require(heads.empty() == listing.manifests.empty(),
                "where there are manifests, one of them is the newest");
  const Timestamp next = listing.next_time();
  fuzz::require(is_nameable(next), "the next manifest has a name");
  for (const auto* entries : {&listing.manifests, &listing.restore_points})
    for (const ManifestListing::Entry& entry : *entries)
      fuzz::require(entry.time < next, "the next manifest is later than all");

  const auto marker = find_marker(repository, listing);
  if (!marker) fuzz::require_safe_to_show(marker.error());
  const auto points = restorable_points(repository, listing);
  if (!points) fuzz::require_safe_to_show(points.error());
  const auto choice = choose_point(repository, listing, std::nullopt);
  if (!choice) fuzz::require_safe_to_show(choice.error());
}

void check_dumps(const RepositoryContext& repository, const ManifestListing& listing,
                 const std::vector<UnfinishedRun>& runs)
{
  const auto dumps = list_dump_objects(repository);
  fuzz::require(dumps.has_value(), "dumps are listed");
  const auto old = old_dumps(repository, listing, *dumps, runs, 1);
  if (!old) return;
  for (const RemovableName& name : *old)
    fuzz::require(name.name().value.starts_with(kDatabasePrefix), "only a dump is an old dump");
  fuzz::require(old->size() < dumps->size() || dumps->empty(), "a dump is kept");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  fuzz::MemoryStore store = fuzz::store_of(fuzz::text_of_input(data, size));
  SilentProgress progress;
  const RepositoryContext repository{.store = store,
                                     .progress = progress,
                                     .stop = {},
                                     .scratch_parent = {},
                                     .ignored_manifests = {},
                                     .path_mappings = {}};
  const Result<std::vector<UnfinishedRun>> runs = unfinished_runs(repository);
  fuzz::require(runs.has_value(), "unfinished runs are listed");
  const Result<ManifestListing> listing = list_manifests(repository);
  if (listing) {
    check_listing(repository, *listing);
    check_dumps(repository, *listing, *runs);
  } else {
    fuzz::require_safe_to_show(listing.error());
  }
  const Result<ProofHistory> history = proof_history(repository);
  fuzz::require(history.has_value(), "proofs are listed");
  const auto verified = last_verified(repository, std::nullopt);
  if (!verified) fuzz::require_safe_to_show(verified.error());
  return 0;
}
