// SPDX-License-Identifier: Apache-2.0
#include "repository/dumps.hpp"

#include "repository/context.hpp"
#include "repository/listing.hpp"
#include "repository/restore_points.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace ib {

Result<std::vector<ObjectInfo>> list_dump_objects(const RepositoryContext& repository)
{
  std::vector<ObjectInfo> dumps;
  const std::unique_ptr<ObjectCursor> cursor =
      TRY(repository.store.list(std::string(kDatabasePrefix), "", repository.stop));
  while (std::optional<ObjectInfo> info = TRY(cursor->next())) dumps.push_back(std::move(*info));
  return dumps;
}

PerClass<StoredAmount> amounts_of(const std::vector<ObjectInfo>& dumps)
{
  PerClass<StoredAmount> amounts;
  for (const ObjectInfo& dump : dumps)
    amounts[dump.storage_class.value_or(StorageClass::standard)] +=
        {.objects = 1, .bytes = dump.size.value_or(0)};
  return amounts;
}

bool may_belong_to(std::span<const UnfinishedRun> runs, Timestamp time)
{
  return std::ranges::any_of(runs, [&](const UnfinishedRun& run) {
    const std::optional<Timestamp> start = run_start(run.run);
    return !start || *start <= time;
  });
}

Result<std::vector<RemovableName>> old_dumps(const RepositoryContext& repository,
                                             const ManifestListing& listing,
                                             std::span<const ObjectInfo> dumps,
                                             std::span<const UnfinishedRun> unfinished,
                                             std::uint64_t keep)
{
  std::vector<RemovableName> old;
  std::set<ObjectName> there, kept;
  for (const ObjectInfo& dump : dumps) there.insert(dump.name);
  std::optional<Timestamp> oldest_kept;
  std::uint64_t good = 0;
  bool complete_seen = false;
  // Newest first, and no further back than needed: whose metadata was lost has to be read.
  for (auto it = listing.restore_points.rbegin(); it != listing.restore_points.rend(); ++it) {
    if (good >= keep && complete_seen) break;
    const PointFacts facts = TRY(facts_of(repository, *it));
    if (!facts.dump || !there.contains(*facts.dump)) continue;
    const bool counts = facts.dump_is_good && good < keep;
    if (counts && !kept.contains(*facts.dump)) ++good;
    // Not all are dated in the order of their restore points: a machine's clock may have been
    // ahead.
    const std::optional<Timestamp> time = dump_time(*facts.dump);
    if (counts && time) oldest_kept = std::min(oldest_kept.value_or(*time), *time);
    if (counts || (facts.complete && !complete_seen)) kept.insert(*facts.dump);
    complete_seen = complete_seen || facts.complete;
  }
  if (good < keep || !oldest_kept) return old;
  for (const ObjectInfo& dump : dumps) {
    const std::optional<Timestamp> time = dump_time(dump.name);
    if (!time || *time >= *oldest_kept || kept.contains(dump.name) ||
        may_belong_to(unfinished, *time))
      continue;
    if (std::optional<RemovableName> name = RemovableName::of(dump.name))
      old.push_back(std::move(*name));
  }
  return old;
}

}  // namespace ib
