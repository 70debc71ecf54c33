// SPDX-License-Identifier: Apache-2.0
#include "repository/catalog.hpp"

#include "base/text.hpp"
#include "manifest/exchange.hpp"
#include "manifest/totals.hpp"
#include "repository/context.hpp"
#include "repository/manifest_file.hpp"
#include "repository/restore_points.hpp"
#include "repository/signed_store.hpp"
#include "repository/store_marker.hpp"
#include "repository/version2.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

/// Whether there are objects of files. With `own_alone`, only those count that this machine has
/// tagged: it has tagged all that it ever stored here.
Result<bool> holds_objects(const RepositoryContext& repository, bool own_alone)
{
  for (const std::string_view prefix : {kLibraryPrefix, kVersionsPrefix, kHashedPrefix}) {
    const std::unique_ptr<ObjectCursor> cursor =
        TRY(repository.store.list(std::string(prefix), "", repository.stop,
                                  own_alone ? ListedMetadata::of_all : ListedMetadata::of_few));
    while (const std::optional<ObjectInfo> object = TRY(cursor->next()))
      if (!own_alone || repository.signatures->is_own_upload(*object)) return true;
  }
  return false;
}

/// Whether all that was ever stored here is signed and tagged, by a key that is trusted and by this
/// machine's.
Result<bool> began_with_own_key(const RepositoryContext& repository, const ManifestListing& listing)
{
  if (repository.signatures == nullptr || !repository.signatures->keys().own) return false;
  // A folder that was copied may have lost all signatures and tags.
  if (repository.store.address().folder() != nullptr) return false;
  const std::optional<StoreMarker> marker = TRY(find_marker(repository, listing));
  return marker && marker->key == to_text(repository.signatures->keys().own->public_key());
}

/// There is something that says it is a backup, and none of it counts.
std::unexpected<Error> nothing_signed(const RepositoryContext& repository,
                                      const std::vector<Stranger>& strangers)
{
  return fail(
      Errc::invalid,
      repository.store.url() + ": holds " + count_of(strangers.size(), "object", "objects") +
          " of a backup, and no trusted key has signed any: " +
          printable(strangers.back().name.value) + " is " + reason_text(strangers.back()),
      "Nothing was changed. If the backup was signed by another machine's key, trust that: "
      "--trusted-key takes the public key of your recovery kit; compare each of its digits. If it "
      "is "
      "older than your "
      "key, `immich-backup init --sign` signs it. --unsigned reads it, whoever has written it.");
}

/// Why there is none.
std::unexpected<Error> no_backup(const RepositoryContext& repository)
{
  if (repository.signatures != nullptr) {
    const std::vector<Stranger> strangers = repository.signatures->strangers();
    if (!strangers.empty()) return nothing_signed(repository, strangers);
  }
  const std::optional<std::string> nearby = store_nearby(repository.store.address());
  return fail(Errc::invalid, repository.store.url() + ": there is no backup here yet",
              nearby ? "A store is at " + printable(*nearby) + ": --store " + shell_quoted(*nearby)
                     : "Check --store, or make a first backup with `immich-backup backup`.");
}

std::unexpected<Error> no_manifest(const RepositoryContext& repository)
{
  std::string hint =
      "Is this the right store? `immich-backup rebuild-manifest` makes the manifest again from "
      "what is stored; nothing is overwritten meanwhile.";
  const bool has_strangers =
      repository.signatures != nullptr && !repository.signatures->strangers().empty();
  if (has_strangers)
    hint =
        "Nothing was changed. What a manifest could be was set aside, because no trusted key has "
        "signed it. If it is yours, as where the machine key was lost: `immich-backup init --sign` "
        "signs it.";
  const std::string url = repository.store.url();
  if (const auto nearby = store_nearby(repository.store.address()))
    return fail(Errc::invalid, url + ": is only a part of a store",
                "A store is at " + printable(*nearby) + ": --store " + shell_quoted(*nearby));
  return fail(Errc::corrupt,
              url + ": there is a backup, but no manifest that says what its files are",
              std::move(hint));
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

/// The SHA-256 that a manifest must have: the signed one; without signatures, from its metadata, or
/// where that is lost (a copied folder) from the restore point of the same run. Empty where neither
/// tells; then SQLite's own checks have to do.
Result<std::string> recorded_sha256(const RepositoryContext& repository,
                                    const ManifestListing& listing, const ObjectName& name)
{
  if (repository.signatures != nullptr) return repository.signatures->signed_sha256(name);
  const auto entry = std::ranges::find(listing.manifests, name, &ManifestListing::Entry::name);
  if (entry != listing.manifests.end() && !entry->sha256.empty()) return entry->sha256;
  const std::optional<Timestamp> time = manifest_time(name);
  if (!time) return "";
  const Result<RestorePoint> point = read_restore_point(repository, restore_point_name(*time));
  if (!point || !point->manifest || point->manifest->object != name) return "";
  return point->manifest->sha256.hex();
}

/// Whether this machine has packed and signed it, and so read it from end to end. A digest that
/// somebody else recorded says nothing of what SQLite will find.
bool is_as_packed_here(const RepositoryContext& repository, const ObjectName& name)
{
  return repository.signatures != nullptr && repository.signatures->is_signed_here(name);
}

struct Fetched {
  Manifest manifest;
  RecordingRun recorded_by;
  std::optional<ManifestInfo> info;
  std::optional<DeltaBase> full = std::nullopt;
  std::optional<TakenOver> taken_over = std::nullopt;
};

std::uint64_t stored_size(const ManifestListing& listing, const ObjectName& name)
{
  const auto entry = std::ranges::find(listing.manifests, name, &ManifestListing::Entry::name);
  return entry == listing.manifests.end() ? 0 : entry->size;
}

/// Under the name that the delta knows, or another that --redate gave it.
ObjectName name_of_base(const ManifestListing& listing, const DeltaBase& base)
{
  const auto& manifests = listing.manifests;
  if (std::ranges::find(manifests, base.object, &ManifestListing::Entry::name) != manifests.end())
    return base.object;
  const auto same =
      std::ranges::find(manifests, base.sha256.hex(), &ManifestListing::Entry::sha256);
  return same == manifests.end() ? base.object : same->name;
}

/// The full manifest that the delta `name` lies on, brought up to date with that.
Result<Fetched> put_on_base(const RepositoryContext& repository, const ManifestListing& listing,
                            const ObjectName& name, const ScratchFolder& scratch,
                            const std::string& delta_file, DeltaBase base, ManifestInfo info)
{
  const std::string file = "full-" + delta_file;
  const ObjectName base_name = name_of_base(listing, base);
  const auto on_base = [&](const Error& error) {
    const bool is_lost = error.code == Errc::not_found || error.code == Errc::corrupt;
    return damaged_manifest({.code = is_lost ? Errc::corrupt : error.code,
                             .message = name.value + ": lies on " + base_name.value +
                                        ", which cannot be read: " + error.message,
                             .hint = error.hint});
  };
  const Folder folder = TRY(Folder::open(scratch.path()));
  const Result<ManifestInfo> fetched =
      fetch_manifest(repository.store, base_name, base.sha256.hex(), folder, file, repository.stop);
  if (!fetched) return on_base(fetched.error());
  // Its SHA-256 is the one that whoever packed the delta has seen.
  const auto known = is_as_packed_here(repository, name) ? Manifest::Known::is_as_packed
                                                         : Manifest::Known::nothing;
  Result<Manifest> full = Manifest::open(scratch.file(file), base_name.value, known);
  if (!full) return on_base(full.error());
  if (TRY(base_of(*full)))
    return on_base({.code = Errc::corrupt, .message = base_name.value + ": is no full manifest"});
  const Result<> applied = apply_delta(*full, scratch.file(delta_file));
  if (!applied) return on_base(applied.error());
  RecordingRun recorded_by = TRY(full->committed_by());
  info.base = ManifestBase{.object = base_name, .sha256 = base.sha256};
  base.object = base_name;
  base.sent_before += stored_size(listing, name);
  return Fetched{.manifest = std::move(*full),
                 .recorded_by = std::move(recorded_by),
                 .info = std::move(info),
                 .full = std::move(base)};
}

Result<Fetched> open_from_store(const RepositoryContext& repository, const ManifestListing& listing,
                                const ObjectName& name, const ScratchFolder& scratch,
                                const std::string& file)
{
  const Folder folder = TRY(Folder::open(scratch.path()));
  const std::string sha256_hex = TRY(recorded_sha256(repository, listing, name));
  Result<ManifestInfo> fetched =
      fetch_manifest(repository.store, name, sha256_hex, folder, file, repository.stop);
  if (!fetched) return damaged_manifest(fetched.error());
  if (TRY(OlderManifest::is_one(scratch.file(file)))) {
    TakenOverManifest taken = TRY(take_over_manifest(repository, scratch, file, name.value));
    return Fetched{.manifest = std::move(taken.manifest),
                   .recorded_by = {},
                   .info = std::nullopt,
                   .taken_over = std::move(taken.what)};
  }
  Result<Manifest> manifest =
      Manifest::open(scratch.file(file), name.value,
                     is_as_packed_here(repository, name) ? Manifest::Known::is_as_packed
                                                         : Manifest::Known::nothing);
  if (!manifest) return damaged_manifest(manifest.error());
  const Result<std::optional<DeltaBase>> base = base_of(*manifest);
  if (!base) return damaged_manifest(base.error());
  if (*base)
    return put_on_base(repository, listing, name, scratch, file, **base, std::move(*fetched));
  RecordingRun recorded_by = TRY(manifest->committed_by());
  DeltaBase full{.object = name, .sha256 = fetched->sha256};
  return Fetched{.manifest = std::move(*manifest),
                 .recorded_by = std::move(recorded_by),
                 .info = std::move(*fetched),
                 .full = std::move(full)};
}

std::unexpected<Error> not_taken_over_yet(const RepositoryContext& repository)
{
  return fail(Errc::invalid, repository.store.url() + ": its manifest is of version 2.0",
              "Nothing was changed. `immich-backup backup` takes it over and sends no file again: "
              "see docs/older-versions.md.");
}

/// Takes in what another head has.
Result<> merge_head(const RepositoryContext& repository, Catalog& catalog, const ObjectName& head)
{
  const std::string file = "head-" + std::to_string(catalog.heads.size()) + ".db";
  const Fetched other =
      TRY(open_from_store(repository, catalog.listing, head, catalog.scratch, file));
  TRY(merge(catalog.manifest, other.manifest.file()));
  catalog.full.reset();
  catalog.heads.push_back(head.value);
  catalog.generation = std::max(catalog.generation, other.recorded_by.generation);
  return {};
}

}  // namespace

Result<std::optional<Catalog>> load_catalog(const RepositoryContext& repository)
{
  ManifestListing listing = TRY(list_manifests(repository));
  std::vector<ObjectName> heads;
  for (const ManifestListing::Entry& head : listing.heads()) heads.push_back(head.name);
  if (heads.empty() && listing.has_current_manifest)
    heads.push_back({std::string(kCurrentManifest)});
  if (heads.empty()) {
    // Restore points may rest on no manifest as long as only the database was backed up.
    const bool had_manifest =
        !listing.restore_points.empty() &&
        TRY(read_restore_point(repository, listing.restore_points.back().name))
            .manifest.has_value();
    const bool own_alone = TRY(began_with_own_key(repository, listing));
    if (repository.signatures != nullptr && !own_alone && listing.restore_points.empty()) {
      const std::vector<Stranger> strangers = repository.signatures->strangers();
      if (!strangers.empty()) return nothing_signed(repository, strangers);
    }
    // A first run that was interrupted leaves objects and its begin mark, but no manifest.
    if (!had_manifest && !TRY(holds_objects(repository, own_alone))) return std::nullopt;
    if (!had_manifest && !TRY(unfinished_runs(repository)).empty()) return std::nullopt;
    // Another run, the first of all, may have ended since the listing.
    if (!TRY(list_manifests(repository)).manifests.empty()) return load_catalog(repository);
    return no_manifest(repository);
  }
  ScratchFolder scratch = TRY(ScratchFolder::create(repository.scratch_parent));
  // The newest is taken as it is; the others, if any, are merged into it.
  Fetched newest = TRY(open_from_store(repository, listing, heads.back(), scratch, "manifest.db"));
  Catalog catalog{.scratch = std::move(scratch),
                  .manifest = std::move(newest.manifest),
                  .listing = std::move(listing),
                  .heads = {heads.back().value},
                  .base = std::move(newest.info),
                  .full = std::move(newest.full),
                  .recorded_by = newest.recorded_by,
                  .generation = newest.recorded_by.generation,
                  .taken_over = std::move(newest.taken_over)};
  for (std::size_t i = 0; i + 1 < heads.size(); ++i) TRY(merge_head(repository, catalog, heads[i]));
  TRY(track_changes(catalog.manifest));
  return catalog;
}

Result<Catalog> require_catalog(const RepositoryContext& repository)
{
  std::optional<Catalog> catalog = TRY(load_catalog(repository));
  const std::vector<UnfinishedRun> unfinished = TRY(unfinished_runs(repository));
  if (!catalog) {
    // Dumps alone, or a first run that was interrupted.
    Catalog empty = TRY(new_catalog(repository));
    const bool begun = std::ranges::any_of(
        unfinished, [](const UnfinishedRun& run) { return !run.checkpoints.empty(); });
    if (begun || !empty.listing.restore_points.empty()) catalog.emplace(std::move(empty));
  }
  if (!catalog) return no_backup(repository);
  if (catalog->taken_over) return not_taken_over_yet(repository);
  std::vector<std::string> notes;
  TRY(fold_checkpoints(repository, *catalog, unfinished, notes));
  for (const std::string& note : notes) repository.progress.note(note);
  return std::move(*catalog);
}

Result<> require_backup(const RepositoryContext& repository, const ManifestListing& listing)
{
  if (!listing.restore_points.empty() || !listing.manifests.empty() || listing.has_current_manifest)
    return {};
  const bool is_begun = listing.marker.has_value();
  const bool has_strangers =
      repository.signatures != nullptr && !repository.signatures->strangers().empty();
  // A store that was begun has had no backup yet.
  if (is_begun && !has_strangers) return {};
  return no_backup(repository);
}

Result<Catalog> new_catalog(const RepositoryContext& repository)
{
  ManifestListing listing = TRY(list_manifests(repository));
  ScratchFolder scratch = TRY(ScratchFolder::create(repository.scratch_parent));
  Manifest manifest = TRY(Manifest::create(scratch.file("manifest.db")));
  return Catalog{.scratch = std::move(scratch),
                 .manifest = std::move(manifest),
                 .listing = std::move(listing),
                 .heads = {},
                 .base = std::nullopt};
}

Result<bool> merge_new_heads(const RepositoryContext& repository, Catalog& catalog)
{
  catalog.listing = TRY(list_manifests(repository));
  bool any = false;
  for (const ManifestListing::Entry& head : catalog.listing.heads()) {
    if (std::ranges::find(catalog.heads, head.name.value) != catalog.heads.end()) continue;
    TRY(merge_head(repository, catalog, head.name));
    any = true;
  }
  return any;
}

namespace {

/// Whether the file is there, whole, and a delta. What is damaged is none.
bool is_readable_delta(const std::string& file, std::string_view name)
{
  const Result<Manifest> opened = Manifest::open(file, name);
  if (!opened) return false;
  const Result<std::optional<DeltaBase>> base = base_of(*opened);
  return base && base->has_value();
}

}  // namespace

Result<Catalog> salvage_catalog(const RepositoryContext& repository,
                                std::vector<std::string>& notes)
{
  ManifestListing listing = TRY(list_manifests(repository));
  ScratchFolder scratch = TRY(ScratchFolder::create(repository.scratch_parent));
  std::vector<ObjectName> candidates;
  for (auto it = listing.manifests.rbegin(); it != listing.manifests.rend(); ++it)
    candidates.push_back(it->name);
  if (listing.has_current_manifest) candidates.push_back({std::string(kCurrentManifest)});
  std::optional<Fetched> salvaged;
  std::optional<std::string> part;  // a delta whose base is lost has at least what it says itself
  for (std::size_t i = 0; i < candidates.size() && !salvaged; ++i) {
    const std::string file = "salvaged-" + std::to_string(i) + ".db";
    Result<Fetched> fetched = open_from_store(repository, listing, candidates[i], scratch, file);
    if (fetched) {
      salvaged.emplace(std::move(*fetched));
    } else if (fetched.error().code == Errc::corrupt) {
      notes.push_back("passed over: " + fetched.error().message);
      if (!part && is_readable_delta(scratch.file(file), candidates[i].value))
        part = scratch.file(file);
    } else {
      return std::unexpected(std::move(fetched).error());
    }
  }
  std::optional<ManifestInfo> base;
  RecordingRun recorded_by;
  if (salvaged) {
    base = salvaged->info;
    recorded_by = salvaged->recorded_by;
  }
  Manifest manifest =
      salvaged ? std::move(salvaged->manifest) : TRY(Manifest::create(scratch.file("manifest.db")));
  // Which library its paths are of, nobody can tell here.
  if (salvaged && salvaged->taken_over) return not_taken_over_yet(repository);
  if (part) {
    Manifest delta = TRY(Manifest::open(*part, "delta"));
    TRY(commit_to_nothing(delta));
    TRY(merge(manifest, *part));
  }
  Catalog catalog{.scratch = std::move(scratch),
                  .manifest = std::move(manifest),
                  .listing = std::move(listing),
                  .heads = {},
                  .base = std::move(base),
                  .recorded_by = recorded_by,
                  .generation = recorded_by.generation};
  // What the heads build on is known through them. A bucket keeps 8 KiB of metadata, which a year
  // of manifests would not fit into (https://cloud.google.com/storage/quotas#objects).
  for (const ManifestListing::Entry& head : catalog.listing.heads())
    catalog.heads.push_back(head.name.value);
  for (const ManifestListing::Entry& entry : catalog.listing.manifests)
    catalog.generation = std::max(catalog.generation, entry.generation.value_or(0));
  return catalog;
}

namespace {

/// Whether a rebuild has made it, which may have dropped rows of those before it. Of what has no
/// restore point nobody knows.
Result<bool> may_be_rebuilt(const RepositoryContext& repository, const ManifestListing& listing,
                            Timestamp time)
{
  const auto point = std::ranges::find(listing.restore_points, time, &ManifestListing::Entry::time);
  if (point == listing.restore_points.end()) return true;
  const Result<PointFacts> facts = facts_of(repository, *point);
  if (!facts && facts.error().code != Errc::corrupt) return std::unexpected(facts.error());
  return !facts || facts->rebuilt;
}

Result<Manifest> open_checkpoint(const RepositoryContext& repository, const ScratchFolder& scratch,
                                 const CheckpointInfo& checkpoint, const std::string& file)
{
  const Folder folder = TRY(Folder::open(scratch.path()));
  TRY(fetch_manifest(repository.store, checkpoint.object, checkpoint.sha256, folder, file,
                     repository.stop));
  return Manifest::open(scratch.file(file), checkpoint.object.value);
}

}  // namespace

Result<> look_into_other_manifests(const RepositoryContext& repository, const Catalog& catalog,
                                   const std::function<Result<bool>(const Manifest&)>& look)
{
  for (const UnfinishedRun& run : TRY(unfinished_runs(repository))) {
    for (const CheckpointInfo& checkpoint : run.checkpoints) {
      const Result<Manifest> opened = open_checkpoint(repository, catalog.scratch, checkpoint,
                                                      "other-" + random_hex(8) + ".db");
      if (!opened && opened.error().code != Errc::corrupt) return std::unexpected(opened.error());
      if (opened && !TRY(look(*opened))) return {};
    }
  }
  bool older_may_know_more = false;
  const auto& manifests = catalog.listing.manifests;
  for (auto entry = manifests.rbegin(); entry != manifests.rend(); ++entry) {
    const bool is_base = catalog.base && catalog.base->object == entry->name;
    const bool is_head = std::ranges::find(catalog.heads, entry->name.value) != catalog.heads.end();
    if (!is_base && (is_head || older_may_know_more)) {
      const Result<Fetched> other =
          open_from_store(repository, catalog.listing, entry->name, catalog.scratch,
                          "other-" + random_hex(8) + ".db");
      if (!other && other.error().code != Errc::corrupt) return std::unexpected(other.error());
      if (!other) continue;  // the one before it may know
      if (!TRY(look(other->manifest))) return {};
    }
    older_may_know_more = TRY(may_be_rebuilt(repository, catalog.listing, entry->time));
  }
  return {};
}

bool rests_on(const RestorePoint& point, const Catalog& catalog)
{
  const auto object = [](const CheckpointInfo& checkpoint) { return checkpoint.object; };
  return point.manifest && catalog.heads.size() == 1 &&
         catalog.heads.front() == point.manifest->object.value &&
         std::ranges::equal(catalog.checkpoints, point.checkpoints, {}, object, object);
}

namespace {

bool totals_are_known(const Catalog& catalog)
{
  return catalog.totals && catalog.totals->revision == catalog.manifest.revision();
}

}  // namespace

void take_totals(Catalog& catalog, const RestorePoint& point)
{
  // Without files there is nothing to save; a document that does not say how many there are reads
  // so too.
  if (point.counts.files == 0 || catalog.manifest.changed() || !rests_on(point, catalog)) return;
  catalog.totals = KnownTotals{
      .revision = catalog.manifest.revision(), .counts = point.counts, .stored = point.stored};
}

Result<FileCounts> file_counts(Catalog& catalog)
{
  if (!totals_are_known(catalog))
    catalog.totals = KnownTotals{.revision = catalog.manifest.revision(),
                                 .counts = TRY(count_files(catalog.manifest))};
  return catalog.totals->counts;
}

Result<StoredTotals> stored_totals(Catalog& catalog)
{
  if (!totals_are_known(catalog) || !catalog.totals->stored) {
    const RowTotals sums = TRY(sum_up(catalog.manifest, StorageClass::archive));
    catalog.totals = KnownTotals{
        .revision = catalog.manifest.revision(), .counts = sums.counts, .stored = sums.stored};
  }
  return *catalog.totals->stored;
}

Result<Manifest> manifest_at(const RepositoryContext& repository, const Catalog& catalog,
                             const ObjectName& name)
{
  Fetched fetched = TRY(open_from_store(repository, catalog.listing, name, catalog.scratch,
                                        "earlier-" + random_hex(8) + ".db"));
  if (fetched.taken_over) return not_taken_over_yet(repository);
  return std::move(fetched.manifest);
}

Result<Manifest> manifest_of(const RepositoryContext& repository, const Catalog& catalog,
                             const RestorePoint& point)
{
  const std::string file = "of-point-" + random_hex(8) + ".db";
  std::optional<Manifest> manifest;
  if (point.manifest) {
    Fetched fetched = TRY(open_from_store(repository, catalog.listing, point.manifest->object,
                                          catalog.scratch, file));
    if (!fetched.info || fetched.info->sha256 != point.manifest->sha256) {
      return fail(Errc::corrupt, point.manifest->object.value +
                                     ": is not the manifest that its restore point names");
    }
    manifest = std::move(fetched.manifest);
  } else {
    manifest = TRY(Manifest::create(catalog.scratch.file(file)));
  }
  for (const CheckpointInfo& each : point.checkpoints)
    TRY(merge_checkpoint(repository, catalog.scratch, *manifest, each));
  return std::move(*manifest);
}

Result<> merge_checkpoint(const RepositoryContext& repository, const ScratchFolder& scratch,
                          Manifest& manifest, const CheckpointInfo& checkpoint)
{
  const std::string file = "checkpoint-" + random_hex(8) + ".db";
  TRY(open_checkpoint(repository, scratch, checkpoint, file));
  return merge(manifest, scratch.file(file));
}

Result<> fold_checkpoints(const RepositoryContext& repository, Catalog& catalog,
                          const std::vector<UnfinishedRun>& runs, std::vector<std::string>& notes)
{
  catalog.has_unfinished_runs = !runs.empty();
  for (const UnfinishedRun& run : runs) {
    for (const CheckpointInfo& checkpoint : run.checkpoints) {
      const Result<> merged =
          merge_checkpoint(repository, catalog.scratch, catalog.manifest, checkpoint);
      if (merged) {
        catalog.checkpoints.push_back(checkpoint);
        continue;
      }
      if (merged.error().code == Errc::unavailable || merged.error().code == Errc::cancelled)
        return merged;
      notes.push_back("passed over: " + merged.error().message);
    }
  }
  return {};
}

}  // namespace ib
