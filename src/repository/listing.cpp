// SPDX-License-Identifier: Apache-2.0
#include "repository/listing.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace ib {
namespace {

// Commits within one second are dated one second apart, so names may run ahead of the clock a
// little.
constexpr std::chrono::minutes kClockTolerance{5};
// Metadata of a restore point (docs/formats/bucket-layout.md).
const std::string kVerdictKey = "verdict";
const std::string kDumpKey = "dump";
const std::string kDumpIsKey = "dump-is";
const std::string kRebuiltKey = "rebuilt";

/// A name from the future would hide all that come after it. (The last in the order of names is the
/// latest.)
Result<> require_past(const ManifestListing::Entry& entry, Timestamp store_time)
{
  if (entry.time <= store_time + kClockTolerance) return {};
  return fail(
      Errc::invalid,
      entry.name.value + ": is dated after the store's own clock (" + format_iso(store_time) +
          "), and would hide all that come after it",
      "Find out who put it there, and whether this machine's clock is right. --ignore-manifest " +
          entry.name.value + " goes on without it.");
}

/// Runs `each` for every object under `prefix`.
template <class Each>
Result<> for_each_object(ObjectStore& store, std::string_view prefix, Each each)
{
  const std::unique_ptr<ObjectCursor> cursor = TRY(store.list(std::string(prefix), ""));
  while (std::optional<ObjectInfo> info = TRY(cursor->next())) TRY(each(*info));
  return {};
}

std::vector<std::string> split_names(std::string_view text)
{
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) names.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return names;
}

std::string_view word_for(const DumpInfo& dump)
{
  if (dump.suspect) return "suspect";
  return dump.left_out.empty() ? "good" : "partial";
}

std::optional<PointFacts> facts_in(const Metadata& metadata)
{
  const auto verdict = metadata.find(kVerdictKey);
  const auto dump = metadata.find(kDumpKey);
  if (verdict == metadata.end() || dump == metadata.end()) return std::nullopt;
  PointFacts facts{.complete = verdict->second == "complete",
                   .rebuilt = metadata.contains(kRebuiltKey)};
  if (dump->second.empty()) return facts;
  facts.dump = ObjectName{dump->second};
  const auto is = metadata.find(kDumpIsKey);
  facts.dump_is_good = is != metadata.end() && is->second == "good";
  return facts;
}

}  // namespace

Metadata metadata_of(const RestorePoint& point)
{
  Metadata metadata{{"run", point.run},
                    {kVerdictKey, point.complete ? "complete" : "incomplete"},
                    {kDumpKey, point.database ? point.database->object.value : ""}};
  if (point.database) metadata.emplace(kDumpIsKey, word_for(*point.database));
  if (point.rebuilt) metadata.emplace(kRebuiltKey, "yes");
  return metadata;
}

PointFacts facts_of(const RestorePoint& point)
{
  PointFacts facts{.complete = point.complete, .rebuilt = point.rebuilt};
  if (!point.database) return facts;
  facts.dump = point.database->object;
  facts.dump_is_good = point.database->is_good();
  return facts;
}

std::vector<ManifestListing::Entry> ManifestListing::heads() const
{
  std::set<std::string> names, parents;
  for (const Entry& entry : manifests) {
    names.insert(entry.name.value);
    parents.insert(entry.parents.begin(), entry.parents.end());
  }
  // Every commit takes in all that was there before it. So what lies before a parent that was
  // pruned is known to that parent's child, through others that may be pruned as well.
  std::optional<Timestamp> newest_pruned;
  for (const Entry& entry : manifests) {
    for (const std::string& parent : entry.parents) {
      const std::optional<Timestamp> time = manifest_time({parent});
      if (time && *time < entry.time && !names.contains(parent))
        newest_pruned = std::max(newest_pruned, time);
    }
  }
  std::vector<Entry> heads;
  for (const Entry& entry : manifests) {
    const bool known =
        parents.contains(entry.name.value) || (newest_pruned && entry.time <= *newest_pruned);
    if (!known) heads.push_back(entry);
  }
  return heads;
}

Timestamp ManifestListing::next_time() const
{
  Timestamp time = store_time;
  for (const auto* entries : {&manifests, &restore_points}) {
    if (!entries->empty()) time = std::max(time, entries->back().time + std::chrono::seconds(1));
  }
  return time;
}

Result<ManifestListing> list_manifests(const RepositoryContext& repository)
{
  ManifestListing listing;
  bool ignores = false;
  const auto ignored = [&](const ObjectName& name) {
    const auto& names = repository.ignored_manifests;
    const bool found = std::ranges::find(names, name.value) != names.end();
    ignores = ignores || found;
    return found;
  };
  TRY(for_each_object(repository.store, kManifestPrefix, [&](const ObjectInfo& info) -> Result<> {
    listing.stored[info.storage_class.value_or(StorageClass::standard)] +=
        {.objects = 1, .bytes = info.size};
    if (info.name.value == kCurrentManifest) {
      listing.has_current_manifest = true;
      listing.current_manifest_generation = info.generation;
    }
    if (info.name.value == kCurrentRestorePoint)
      listing.current_restore_point_generation = info.generation;
    const std::optional<Timestamp> manifest = manifest_time(info.name);
    const std::optional<Timestamp> point = restore_point_time(info.name);
    if ((!manifest && !point) || ignored(info.name)) return {};
    const Timestamp time = manifest ? *manifest : *point;
    const auto sha256 = info.metadata.find("sha256");
    ManifestListing::Entry entry{.name = info.name,
                                 .time = time,
                                 .parents = {},
                                 .sha256 = sha256 == info.metadata.end() ? "" : sha256->second,
                                 .size = info.size,
                                 .storage_class = info.storage_class};
    if (manifest) {
      const auto parents = info.metadata.find("parents");
      if (parents != info.metadata.end()) {
        entry.parents = split_names(parents->second);
      } else if (!listing.manifests.empty()) {
        // Without metadata (a copied folder), each follows the one before it.
        entry.parents = {listing.manifests.back().name.value};
      }
      listing.manifests.push_back(std::move(entry));
    } else {
      entry.facts = facts_in(info.metadata);
      listing.restore_points.push_back(std::move(entry));
    }
    return {};
  }));
  // manifest.db may be the copy of what is ignored.
  if (ignores) listing.has_current_manifest = false;
  // After the listing, whose reply tells the store's clock.
  listing.store_time = TRY(repository.store.now());
  for (const auto* entries : {&listing.manifests, &listing.restore_points}) {
    if (!entries->empty()) TRY(require_past(entries->back(), listing.store_time));
  }
  return listing;
}

}  // namespace ib
