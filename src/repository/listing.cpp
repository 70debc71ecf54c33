// SPDX-License-Identifier: Apache-2.0
#include "repository/listing.hpp"

#include "base/text.hpp"
#include "repository/documents.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <set>
#include <utility>

namespace ib {
namespace {

// Commits within one second are dated one second apart, so names may run ahead of the clock a
// little.
constexpr std::chrono::minutes kClockTolerance{5};
// Beyond what seconds since 1970, which stand for the generations of version 3, come to in 30,000
// years.
constexpr std::uint64_t kMostGenerations = std::uint64_t{1} << 40;
// Metadata of a restore point (docs/formats/bucket-layout.md).
const std::string kVerdictKey = "verdict";
const std::string kDumpKey = "dump";
const std::string kDumpIsKey = "dump-is";
const std::string kRebuiltKey = "rebuilt";
const std::string kCoversKey = "covers";
const std::string kRecordedByKey = "recorded-by";
const std::string kAcceptsChangesKey = "accepts-changes";
const std::string kAssetsKey = "assets";
const std::string kProtectedKey = "protected";
const std::string kDifferingKey = "differing";
// Of a manifest that is a delta.
const std::string kBaseKey = "base";
// Of a manifest as well: which commit it is.
const std::string kGenerationKey = "generation";

/// A name from the future would hide all that come after it.
Result<> require_past(const ManifestListing& listing)
{
  std::vector<std::string> ahead;  // the latest last
  for (const auto* entries : {&listing.restore_points, &listing.manifests}) {
    for (const ManifestListing::Entry& entry : *entries)
      if (is_dated_ahead(entry.time, listing.store_time)) ahead.push_back(entry.name.value);
  }
  if (ahead.empty()) return {};
  constexpr std::size_t kNamed = 20;
  std::string without;
  for (const std::string& name : ahead | std::views::take(kNamed))
    without += " --ignore-manifest " + name;
  if (ahead.size() > kNamed)
    without += ", and the same for each of the others that the next run names,";
  return fail(
      Errc::invalid,
      ahead.back() + ": is dated after the store's own clock (" + format_iso(listing.store_time) +
          "), and would hide all that come after it" +
          (ahead.size() > 1 ? "; so are " + std::to_string(ahead.size() - 1) + " more" : ""),
      "Is this machine's clock right? If it was ahead when these were written, "
      "`immich-backup rebuild-manifest --redate` gives them the date of today, and "
      "everything goes on. If somebody else may have put them there," +
          without + " goes on without them.");
}

/// Runs `each` for every object under `prefix`.
template <class Each>
Result<> for_each_object(const RepositoryContext& repository, std::string_view prefix, Each each)
{
  const std::unique_ptr<ObjectCursor> cursor =
      TRY(repository.store.list(std::string(prefix), "", repository.stop));
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

/// "files,database", "part"
std::string words_for(const Coverage& covers)
{
  std::string words;
  const auto add = [&](bool is_so, std::string_view word) {
    if (is_so) words += (words.empty() ? "" : ",") + std::string(word);
  };
  add(covers.files, "files");
  add(covers.database, "database");
  add(covers.part, "part");
  return words;
}

std::optional<std::uint64_t> number_in(const Metadata& metadata, const std::string& key)
{
  return parse_number<std::uint64_t>(text_in(metadata, key));
}

/// Absent where it was lost, and of a point of version 3, whose document has to be read.
std::optional<PointFacts> facts_in(const Metadata& metadata)
{
  const std::optional<std::uint64_t> generation = number_in(metadata, kGenerationKey);
  if (!generation || !metadata.contains(kVerdictKey)) return std::nullopt;
  const std::string covers = text_in(metadata, kCoversKey);
  PointFacts facts{
      .complete = text_in(metadata, kVerdictKey) == "complete",
      .covers = {.files = covers.contains("files"),
                 .database = covers.contains("database"),
                 .part = covers.contains("part")},
      .rebuilt = metadata.contains(kRebuiltKey),
      .accepts_changes = metadata.contains(kAcceptsChangesKey),
      .recorded_by = {.generation = *generation, .run = text_in(metadata, kRecordedByKey)},
      .assets = number_in(metadata, kAssetsKey),
      .protected_originals = number_in(metadata, kProtectedKey),
      .differing = number_in(metadata, kDifferingKey).value_or(0)};
  const std::string dump = text_in(metadata, kDumpKey);
  if (dump.empty()) return facts;
  facts.dump = ObjectName{dump};
  facts.dump_is_good = text_in(metadata, kDumpIsKey) == "good";
  facts.dump_is_suspect = text_in(metadata, kDumpIsKey) == "suspect";
  return facts;
}

/// A commit builds on earlier ones. One that names itself, or two that name each other, would leave
/// no manifest that no other one knows.
Result<> require_earlier_parents(const ManifestListing::Entry& entry)
{
  for (const std::string& parent : entry.parents) {
    const std::optional<Timestamp> time = manifest_time({parent});
    if (!time || *time < entry.time) continue;
    return fail(
        Errc::invalid,
        entry.name.value + ": says that it builds on " + parent + ", which is not before it",
        "Find out who put it there. --ignore-manifest " + entry.name.value +
            " goes on without it.");
  }
  return {};
}

/// A commit that is not the next one after those that it builds on is not one of ours.
Result<> require_generations(const std::vector<ManifestListing::Entry>& manifests)
{
  std::map<std::string_view, std::uint64_t> generations;
  for (const ManifestListing::Entry& entry : manifests) {
    TRY(require_earlier_parents(entry));
    if (!entry.generation) continue;
    std::uint64_t least = 1;
    bool all_known = true;
    for (const std::string& parent : entry.parents) {
      const auto found = generations.find(parent);
      all_known = all_known && found != generations.end();
      if (found != generations.end()) least = std::max(least, found->second + 1);
    }
    // Of parents that were pruned, and those of version 3, nobody knows here. But a number that no
    // run can have come to would leave none for those that follow.
    if (*entry.generation < least || *entry.generation > kMostGenerations ||
        (all_known && *entry.generation != least)) {
      return fail(Errc::invalid,
                  entry.name.value + ": says that it is commit " +
                      std::to_string(*entry.generation) + ", where " + std::to_string(least) +
                      " would follow from what it builds on",
                  "Find out who put it there. --ignore-manifest " + entry.name.value +
                      " goes on without it.");
    }
    generations[entry.name.value] = *entry.generation;
  }
  return {};
}

/// Where metadata was lost (a file system without attributes, a copied folder), the restore point
/// of the same run repeats what matters. Without it each manifest follows the one before it, which
/// is wrong of two that did not know of each other.
Result<> learn_from_document(const RepositoryContext& repository,
                             const std::vector<ManifestListing::Entry>& restore_points,
                             ManifestListing::Entry& manifest)
{
  const auto entry =
      std::ranges::find(restore_points, manifest.time, &ManifestListing::Entry::time);
  if (entry == restore_points.end()) return {};
  const Result<std::string> document =
      get_small(repository.store, entry->name, kLargestDocument, repository.stop);
  if (!document && document.error().code == Errc::unavailable)
    return std::unexpected(document.error());
  const Result<RestorePoint> point = document
                                         ? parse_restore_point(*document, entry->name.value)
                                         : Result<RestorePoint>(std::unexpected(document.error()));
  const bool tells =
      point && point->parents && point->manifest && point->manifest->object == manifest.name;
  if (!tells) return {};
  manifest.parents = *point->parents;
  manifest.generation = point->recorded_by.generation;
  manifest.sha256 = point->manifest->sha256.hex();
  if (point->manifest->base) manifest.base = point->manifest->base->object.value;
  return {};
}

}  // namespace

Metadata metadata_of(const RestorePoint& point)
{
  const PointFacts facts = facts_of(point);
  Metadata metadata{{"run", point.run},
                    {kVerdictKey, facts.complete ? "complete" : "incomplete"},
                    {kCoversKey, words_for(facts.covers)},
                    {kGenerationKey, std::to_string(facts.recorded_by.generation)},
                    {kRecordedByKey, facts.recorded_by.run},
                    {kDumpKey, facts.dump ? facts.dump->value : ""}};
  if (point.database) metadata.emplace(kDumpIsKey, word_for(*point.database));
  if (facts.rebuilt) metadata.emplace(kRebuiltKey, "yes");
  if (facts.accepts_changes) metadata.emplace(kAcceptsChangesKey, "yes");
  if (facts.assets) metadata.emplace(kAssetsKey, std::to_string(*facts.assets));
  if (facts.protected_originals)
    metadata.emplace(kProtectedKey, std::to_string(*facts.protected_originals));
  if (facts.differing > 0) metadata.emplace(kDifferingKey, std::to_string(facts.differing));
  return metadata;
}

PointFacts facts_of(const RestorePoint& point)
{
  PointFacts facts{.complete = point.is_complete(),
                   .covers = point.covers,
                   .rebuilt = point.rebuilt,
                   .accepts_changes = point.accepts_changes,
                   .recorded_by = point.recorded_by};
  if (point.audit) {
    facts.protected_originals = point.audit->protected_originals();
    facts.differing = point.audit->differs + point.audit->edited;
  }
  if (!point.database) return facts;
  facts.dump = point.database->object;
  facts.dump_is_good = point.database->is_good();
  facts.dump_is_suspect = point.database->suspect;
  facts.assets = point.database->assets;
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

bool is_dated_ahead(Timestamp time, Timestamp store_time)
{
  return time > store_time + kClockTolerance;
}

Result<ManifestListing> list_manifests(const RepositoryContext& repository)
{
  ManifestListing listing;
  std::vector<std::size_t> without_metadata;  // of the manifests
  bool ignores = false;
  std::string run_of_current, run_of_newest;  // of restore points
  const auto ignored = [&](const ObjectName& name) {
    const auto& names = repository.ignored_manifests;
    const bool found = std::ranges::find(names, name.value) != names.end();
    ignores = ignores || found;
    return found;
  };
  TRY(for_each_object(repository, kManifestPrefix, [&](const ObjectInfo& info) -> Result<> {
    listing.stored[info.storage_class.value_or(StorageClass::standard)] +=
        {.objects = 1, .bytes = info.size.value_or(0)};
    if (info.name.value == kCurrentManifest) {
      listing.has_current_manifest = true;
      listing.current_manifest_generation = info.generation;
      listing.current_manifest_started = run_start(text_in(info.metadata, "run"));
    }
    if (info.name.value == kStoreMarker) listing.marker = info;
    if (info.name.value == kCurrentRestorePoint) {
      listing.current_restore_point_generation = info.generation;
      run_of_current = text_in(info.metadata, "run");
    }
    const std::optional<Timestamp> manifest = manifest_time(info.name);
    const std::optional<Timestamp> point = restore_point_time(info.name);
    if ((!manifest && !point) || ignored(info.name)) return {};
    const Timestamp time = manifest ? *manifest : *point;
    const auto sha256 = info.metadata.find("sha256");
    ManifestListing::Entry entry{.name = info.name,
                                 .time = time,
                                 .parents = {},
                                 .sha256 = sha256 == info.metadata.end() ? "" : sha256->second,
                                 .size = info.size.value_or(0),
                                 .storage_class = info.storage_class};
    if (manifest) {
      const auto parents = info.metadata.find("parents");
      if (parents != info.metadata.end()) {
        entry.parents = split_names(parents->second);
      } else if (!listing.manifests.empty()) {
        entry.parents = {listing.manifests.back().name.value};
      }
      if (info.metadata.empty()) without_metadata.push_back(listing.manifests.size());
      entry.generation = number_in(info.metadata, kGenerationKey);
      entry.base = text_in(info.metadata, kBaseKey);
      listing.manifests.push_back(std::move(entry));
    } else {
      entry.facts = facts_in(info.metadata);
      run_of_newest = text_in(info.metadata, "run");
      entry.is_version_3 = !entry.facts && info.metadata.contains(kVerdictKey);
      listing.restore_points.push_back(std::move(entry));
    }
    return {};
  }));
  if (repository.require_readable) TRY(repository.require_readable());
  // manifest.db may be the copy of what is ignored.
  if (ignores) listing.has_current_manifest = false;
  listing.current_is_newest = !run_of_current.empty() && run_of_current == run_of_newest;
  // After the listing, whose reply tells the store's clock.
  listing.store_time = TRY(repository.store.now(repository.stop));
  TRY(require_past(listing));
  for (const std::size_t i : without_metadata)
    TRY(learn_from_document(repository, listing.restore_points, listing.manifests[i]));
  TRY(require_generations(listing.manifests));
  return listing;
}

}  // namespace ib
