// SPDX-License-Identifier: Apache-2.0
#include "app/catalog.hpp"

#include "app/manifest_file.hpp"
#include "app/runs.hpp"
#include "app/takeover.hpp"
#include "base/text.hpp"
#include "report/documents.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace ib {
namespace {

constexpr std::uint64_t kLargestDocument = std::uint64_t{16} * 1024 * 1024;
// Commits within one second are dated one second apart, so names may run ahead of the clock a
// little.
constexpr std::chrono::minutes kClockTolerance{5};
constexpr std::string_view kJsonType = "application/json";
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

Result<bool> holds_objects(ObjectStore& store)
{
  for (const std::string_view prefix : {kLibraryPrefix, kVersionsPrefix, kHashedPrefix}) {
    const std::unique_ptr<ObjectCursor> cursor = TRY(store.list(std::string(prefix), ""));
    if (TRY(cursor->next())) return true;
  }
  return false;
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

std::string join_names(const std::vector<std::string>& names)
{
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

std::unexpected<Error> damaged_manifest(const Error& error)
{
  return fail(
      error.code, error.message,
      error.code != Errc::corrupt
          ? error.hint
          : "Nothing in the store was changed. `immich-backup rebuild-manifest` makes the manifest "
            "again from the store; --ignore-manifest NAME goes on from the one before it.");
}

/// The SHA-256 that a manifest must have: from its metadata, or where that is lost (a copied
/// folder) from the restore point of the same run. Empty where neither tells; then SQLite's own
/// checks have to do.
Result<std::string> recorded_sha256(const Session& session, const ManifestListing& listing,
                                    const ObjectName& name)
{
  const auto entry = std::ranges::find(listing.manifests, name, &ManifestListing::Entry::name);
  if (entry != listing.manifests.end() && !entry->sha256.empty()) return entry->sha256;
  const std::optional<Timestamp> time = manifest_time(name);
  if (!time) return "";
  const Result<RestorePoint> point = read_restore_point(session, restore_point_name(*time));
  if (!point || !point->manifest || point->manifest->object != name) return "";
  return point->manifest->sha256.hex();
}

struct Fetched {
  Manifest manifest;
  std::optional<ManifestInfo> info;
  std::optional<TakenOver> taken_over = std::nullopt;
};

Result<Fetched> open_from_store(const Session& session, const ManifestListing& listing,
                                const ObjectName& name, const ScratchFolder& scratch,
                                const std::string& file)
{
  const Folder folder = TRY(Folder::open(scratch.path()));
  const std::string sha256_hex = TRY(recorded_sha256(session, listing, name));
  Result<ManifestInfo> fetched =
      fetch_manifest(session.store, name, sha256_hex, folder, file, session.stop);
  if (!fetched) return damaged_manifest(fetched.error());
  if (TRY(OlderManifest::is_one(scratch.file(file)))) {
    TakenOverManifest taken = TRY(take_over_manifest(session, scratch, file, name.value));
    return Fetched{std::move(taken.manifest), std::nullopt, std::move(taken.what)};
  }
  Result<Manifest> manifest =
      Manifest::open(scratch.file(file), name.value,
                     sha256_hex.empty() ? Manifest::Known::nothing : Manifest::Known::is_as_packed);
  if (!manifest) return damaged_manifest(manifest.error());
  return Fetched{std::move(*manifest), std::move(*fetched)};
}

std::unexpected<Error> not_taken_over_yet(const Session& session)
{
  return fail(Errc::invalid, session.store.url() + ": its manifest is of version 2.0",
              "Nothing was changed. `immich-backup backup` takes it over and sends no file again: "
              "see docs/operations.md.");
}

/// Creates an object under the first free name that `name_at` gives for a time and the seconds
/// after it.
template <class NameAt, class Put>
Result<Timestamp> put_at_free_time(Timestamp time, NameAt name_at, Put put)
{
  constexpr int kAttempts = 60;
  for (int attempt = 0; attempt < kAttempts; ++attempt, time += std::chrono::seconds(1)) {
    const Result<> stored = put(name_at(time));
    if (stored) return time;
    if (stored.error().code != Errc::precondition_failed) return std::unexpected(stored.error());
  }
  return fail(Errc::unavailable, name_at(time).value + ": this name and those before it are taken",
              "Another run commits at the same time. Run again.");
}

/// A copy for people may fail without harm. Where the credential may not replace, nobody needs to
/// hear of it.
void note_copy_failure(const Result<ObjectInfo>& replaced, std::string_view name,
                       std::vector<std::string>& notes)
{
  if (replaced || replaced.error().code == Errc::denied ||
      replaced.error().code == Errc::precondition_failed)
    return;
  notes.push_back(std::string(name) +
                  " could not be brought up to date: " + replaced.error().message);
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

/// Takes in what other runs have committed since the catalog was loaded.
Result<> merge_new_heads(const Session& session, Catalog& catalog)
{
  catalog.listing = TRY(list_manifests(session));
  for (const ManifestListing::Entry& head : catalog.listing.heads()) {
    if (std::ranges::find(catalog.heads, head.name.value) != catalog.heads.end()) continue;
    const std::string file = "other-" + std::to_string(catalog.heads.size()) + ".db";
    TRY(open_from_store(session, catalog.listing, head.name, catalog.scratch, file));
    TRY(catalog.manifest.merge(catalog.scratch.file(file)));
    catalog.heads.push_back(head.name.value);
  }
  return {};
}

Result<> put_manifest(const Session& session, Catalog& catalog, RestorePoint& point,
                      std::vector<std::string>& notes)
{
  const std::string packed = "packed.db";
  TRY(catalog.manifest.pack(catalog.scratch.file(packed)));
  const Folder folder = TRY(Folder::open(catalog.scratch.path()));
  const DepartingManifest ready =
      TRY(prepare_manifest(folder, packed, session.store.keeps_encodings()));
  const Metadata metadata{{"parents", join_names(catalog.heads)}, {"run", point.run}};
  point.time = TRY(put_at_free_time(catalog.listing.next_time(), manifest_name,
                                    [&](const ObjectName& name) -> Result<> {
                                      TRY(ready.put(session.store, name, metadata));
                                      return {};
                                    }));
  point.manifest = ManifestInfo{
      .object = manifest_name(point.time), .bytes = ready.plain.size, .sha256 = ready.plain.sha256};
  note_copy_failure(ready.replace(session.store, {std::string(kCurrentManifest)}, metadata,
                                  catalog.listing.current_manifest_generation),
                    kCurrentManifest, notes);
  return {};
}

std::string_view word_for(const DumpInfo& dump)
{
  if (dump.suspect) return "suspect";
  return dump.left_out.empty() ? "good" : "partial";
}

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

/// The restore point under the first free name from `time` on, and its copy for people.
Result<> put_restore_point(const Session& session, Catalog& catalog, RestorePoint& point,
                           Timestamp time, std::vector<std::string>& notes)
{
  std::string json;
  point.time =
      TRY(put_at_free_time(time, restore_point_name, [&](const ObjectName& name) -> Result<> {
        point.time = *restore_point_time(name);
        json = serialize(point);
        TRY(put_small(session.store, name, json, metadata_of(point), std::string(kJsonType), {}));
        return {};
      }));
  MemorySource source(bytes_of(json));
  note_copy_failure(session.store.replace({.name = {std::string(kCurrentRestorePoint)},
                                           .size = json.size(),
                                           .crc32c = crc32c(bytes_of(json)),
                                           .metadata = metadata_of(point),
                                           .content_type = std::string(kJsonType)},
                                          source, catalog.listing.current_restore_point_generation),
                    kCurrentRestorePoint, notes);
  return {};
}

}  // namespace

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

Result<ManifestListing> list_manifests(const Session& session)
{
  ManifestListing listing;
  bool ignores = false;
  const auto ignored = [&](const ObjectName& name) {
    const auto& names = session.ignored_manifests;
    const bool found = std::ranges::find(names, name.value) != names.end();
    ignores = ignores || found;
    return found;
  };
  TRY(for_each_object(session.store, kManifestPrefix, [&](const ObjectInfo& info) -> Result<> {
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
  listing.store_time = TRY(session.store.now());
  for (const auto* entries : {&listing.manifests, &listing.restore_points}) {
    if (!entries->empty()) TRY(require_past(entries->back(), listing.store_time));
  }
  return listing;
}

Result<std::optional<Catalog>> load_catalog(const Session& session)
{
  ManifestListing listing = TRY(list_manifests(session));
  std::vector<ObjectName> heads;
  for (const ManifestListing::Entry& head : listing.heads()) heads.push_back(head.name);
  if (heads.empty() && listing.has_current_manifest)
    heads.push_back({std::string(kCurrentManifest)});
  if (heads.empty()) {
    // Restore points may rest on no manifest as long as only the database was backed up.
    const bool had_manifest =
        !listing.restore_points.empty() &&
        TRY(read_restore_point(session, listing.restore_points.back().name)).manifest.has_value();
    // A first run that was interrupted leaves objects and its begin mark, but no manifest.
    if (!had_manifest && !TRY(holds_objects(session.store))) return std::nullopt;
    if (!had_manifest && !TRY(unfinished_runs(session)).empty()) return std::nullopt;
    return fail(
        Errc::corrupt,
        session.store.url() + ": there is a backup, but no manifest that says what its files are",
        "Is this the right store? `immich-backup rebuild-manifest` makes the manifest again from "
        "what is stored; nothing is overwritten meanwhile.");
  }
  ScratchFolder scratch = TRY(ScratchFolder::create(session.scratch_parent));
  // The newest is taken as it is; the others, if any, are merged into it.
  Fetched newest = TRY(open_from_store(session, listing, heads.back(), scratch, "manifest.db"));
  Catalog catalog{.scratch = std::move(scratch),
                  .manifest = std::move(newest.manifest),
                  .listing = std::move(listing),
                  .heads = {heads.back().value},
                  .base = std::move(newest.info),
                  .taken_over = std::move(newest.taken_over)};
  for (std::size_t i = 0; i + 1 < heads.size(); ++i) {
    const std::string file = "head-" + std::to_string(i) + ".db";
    TRY(open_from_store(session, catalog.listing, heads[i], catalog.scratch, file));
    TRY(catalog.manifest.merge(catalog.scratch.file(file)));
    catalog.heads.push_back(heads[i].value);
  }
  return catalog;
}

Result<Catalog> require_catalog(const Session& session)
{
  std::optional<Catalog> catalog = TRY(load_catalog(session));
  const std::vector<UnfinishedRun> unfinished = TRY(unfinished_runs(session));
  // A first run that was interrupted leaves restore points too.
  const bool begun = std::ranges::any_of(
      unfinished, [](const UnfinishedRun& run) { return !run.checkpoints.empty(); });
  if (!catalog && begun) catalog.emplace(TRY(new_catalog(session)));
  if (!catalog) {
    return fail(Errc::invalid, session.store.url() + ": there is no backup here yet",
                "Check --store, or make a first backup with `immich-backup backup`.");
  }
  if (catalog->taken_over) return not_taken_over_yet(session);
  std::vector<std::string> notes;
  TRY(fold_checkpoints(session, *catalog, unfinished, notes));
  for (const std::string& note : notes) session.progress.note(note);
  return std::move(*catalog);
}

Result<Catalog> new_catalog(const Session& session)
{
  ManifestListing listing = TRY(list_manifests(session));
  ScratchFolder scratch = TRY(ScratchFolder::create(session.scratch_parent));
  Manifest manifest = TRY(Manifest::create(scratch.file("manifest.db")));
  return Catalog{.scratch = std::move(scratch),
                 .manifest = std::move(manifest),
                 .listing = std::move(listing),
                 .heads = {},
                 .base = std::nullopt};
}

Result<Catalog> salvage_catalog(const Session& session, std::vector<std::string>& notes)
{
  ManifestListing listing = TRY(list_manifests(session));
  ScratchFolder scratch = TRY(ScratchFolder::create(session.scratch_parent));
  std::vector<ObjectName> candidates;
  for (auto it = listing.manifests.rbegin(); it != listing.manifests.rend(); ++it)
    candidates.push_back(it->name);
  if (listing.has_current_manifest) candidates.push_back({std::string(kCurrentManifest)});
  std::optional<Fetched> salvaged;
  for (std::size_t i = 0; i < candidates.size() && !salvaged; ++i) {
    Result<Fetched> fetched = open_from_store(session, listing, candidates[i], scratch,
                                              "salvaged-" + std::to_string(i) + ".db");
    if (fetched) {
      salvaged.emplace(std::move(*fetched));
    } else if (fetched.error().code == Errc::corrupt) {
      notes.push_back("passed over: " + fetched.error().message);
    } else {
      return std::unexpected(std::move(fetched).error());
    }
  }
  std::optional<ManifestInfo> base;
  if (salvaged) base = salvaged->info;
  Manifest manifest =
      salvaged ? std::move(salvaged->manifest) : TRY(Manifest::create(scratch.file("manifest.db")));
  // Which library its paths are of, nobody can tell here.
  if (salvaged && salvaged->taken_over) return not_taken_over_yet(session);
  Catalog catalog{.scratch = std::move(scratch),
                  .manifest = std::move(manifest),
                  .listing = std::move(listing),
                  .heads = {},
                  .base = std::move(base)};
  for (const ManifestListing::Entry& entry : catalog.listing.manifests)
    catalog.heads.push_back(entry.name.value);
  return catalog;
}

namespace {

bool rests_on(const RestorePoint& point, const Catalog& catalog)
{
  const auto object = [](const CheckpointInfo& checkpoint) { return checkpoint.object; };
  return point.manifest && catalog.heads.size() == 1 &&
         catalog.heads.front() == point.manifest->object.value &&
         std::ranges::equal(catalog.checkpoints, point.checkpoints, {}, object, object);
}

bool totals_are_known(const Catalog& catalog)
{
  return catalog.totals && !catalog.manifest.changed();
}

}  // namespace

void take_totals(Catalog& catalog, const RestorePoint& point)
{
  // Without files there is nothing to save; a document that does not say how many there are reads
  // so too.
  if (point.counts.files == 0 || catalog.manifest.changed() || !rests_on(point, catalog)) return;
  catalog.totals = RowTotals{.counts = point.counts, .stored = point.stored};
}

Result<StoredTotals> stored_totals(const Catalog& catalog)
{
  if (totals_are_known(catalog) && catalog.totals->stored) return *catalog.totals->stored;
  return catalog.manifest.stored_totals(StorageClass::archive);
}

Result<> commit_catalog(const Session& session, Catalog& catalog, RestorePoint& point,
                        std::vector<std::string>& notes)
{
  // What is confirmed is worth committing also when the run was asked to stop: no token here.
  point.manifest = catalog.base;
  if (catalog.manifest.changed()) {
    const std::size_t heads = catalog.heads.size();
    TRY(merge_new_heads(session, catalog));
    if (catalog.heads.size() != heads) point.stored.reset();  // it was summed up without them
    point.counts = TRY(catalog.manifest.counts());
    TRY(put_manifest(session, catalog, point, notes));
    catalog.base = point.manifest;
    return put_restore_point(session, catalog, point, point.time, notes);
  }
  return commit_restore_point(session, catalog, point, notes);
}

Result<> commit_restore_point(const Session& session, Catalog& catalog, RestorePoint& point,
                              std::vector<std::string>& notes)
{
  point.manifest = catalog.base;
  if (catalog.manifest.changed()) point.checkpoints = catalog.checkpoints;
  point.counts =
      totals_are_known(catalog) ? catalog.totals->counts : TRY(catalog.manifest.counts());
  return put_restore_point(session, catalog, point, catalog.listing.next_time(), notes);
}

Result<RestorePoint> read_restore_point(const Session& session, const ObjectName& name)
{
  Result<RestorePoint> point = parse_restore_point(
      TRY(get_small(session.store, name, kLargestDocument, session.stop)), name.value);
  if (point || point.error().code != Errc::corrupt || !point.error().hint.empty()) return point;
  Error error = std::move(point).error();
  error.hint =
      "This restore point is damaged, and others need not be: `immich-backup snapshots` lists "
      "them, --at takes one. `immich-backup rebuild-manifest` makes a new one from what is stored.";
  return std::unexpected(std::move(error));
}

Result<RestorePoint> choose_restore_point(const Session& session, const ManifestListing& listing,
                                          std::optional<Timestamp> at)
{
  for (auto it = listing.restore_points.rbegin(); it != listing.restore_points.rend(); ++it) {
    if (!at || it->time <= *at) return read_restore_point(session, it->name);
  }
  if (listing.restore_points.empty()) {
    return fail(Errc::corrupt, session.store.url() + ": has no restore point (manifest-*.json)",
                "`immich-backup rebuild-manifest` makes one from what is stored.");
  }
  return fail(Errc::invalid,
              "--at " + format_iso(*at) + ": the first restore point is of " +
                  format_iso(listing.restore_points.front().time),
              "`immich-backup snapshots` lists them all.");
}

Result<PointFacts> facts_of(const Session& session, const ManifestListing::Entry& entry)
{
  if (entry.facts) return *entry.facts;
  return facts_of(TRY(read_restore_point(session, entry.name)));
}

Result<RestorePoint> choose_good_restore_point(const Session& session,
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
    const PointFacts facts = TRY(facts_of(session, *it));
    if (wanted && !wanted(facts)) continue;
    if (newest == nullptr) newest = &*it;
    if (facts.complete || it->time == at) chosen = &*it;
  }
  if (newest == nullptr)
    return choose_restore_point(session, listing, at);  // which says what is wrong
  if (chosen == nullptr) chosen = newest;
  RestorePoint point = TRY(read_restore_point(session, chosen->name));
  const auto tell = [&](std::string note) {
    session.progress.note(note);
    notes.push_back(std::move(note));
  };
  if (chosen != newest) {
    tell("the restore point of " + format_iso(newest->time) + " is newer, and incomplete: --at " +
         format_iso(newest->time) + " takes it instead of " + format_iso(point.time) +
         ", the newest complete one");
  } else if (!point.complete) {
    tell("the restore point of " + format_iso(point.time) +
         " is incomplete: `immich-backup snapshots` lists them all");
  }
  return point;
}

namespace {

/// The manifest that a restore point names, or an empty one where none was committed yet, and its
/// checkpoints.
Result<Manifest> manifest_of(const Session& session, const Catalog& catalog,
                             const RestorePoint& point)
{
  const std::string file = "then.db";
  std::optional<Manifest> manifest;
  if (point.manifest) {
    Fetched fetched = TRY(
        open_from_store(session, catalog.listing, point.manifest->object, catalog.scratch, file));
    if (!fetched.info || fetched.info->sha256 != point.manifest->sha256) {
      return fail(Errc::corrupt, point.manifest->object.value +
                                     ": is not the manifest that its restore point names");
    }
    manifest = std::move(fetched.manifest);
  } else {
    manifest = TRY(Manifest::create(catalog.scratch.file(file)));
  }
  for (const CheckpointInfo& each : point.checkpoints)
    TRY(merge_checkpoint(session, catalog.scratch, *manifest, each));
  return std::move(*manifest);
}

}  // namespace

Result<> go_back_to(const Session& session, Catalog& catalog, const RestorePoint& point)
{
  if (rests_on(point, catalog)) return {};
  Result<Manifest> then = manifest_of(session, catalog, point);
  if (then) {
    catalog.manifest = std::move(*then);
    catalog.totals.reset();
    return {};
  }
  // Pruned or damaged: the history in the newer manifests has to do.
  if (then.error().code == Errc::not_found || then.error().code == Errc::corrupt) return {};
  return std::unexpected(std::move(then).error());
}

Result<> merge_checkpoint(const Session& session, const ScratchFolder& scratch, Manifest& manifest,
                          const CheckpointInfo& checkpoint)
{
  const std::string file = "checkpoint-" + random_hex(8) + ".db";
  const Folder folder = TRY(Folder::open(scratch.path()));
  TRY(fetch_manifest(session.store, checkpoint.object, checkpoint.sha256, folder, file,
                     session.stop));
  TRY(Manifest::open(scratch.file(file), checkpoint.object.value));
  return manifest.merge(scratch.file(file));
}

}  // namespace ib
