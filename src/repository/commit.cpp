// SPDX-License-Identifier: Apache-2.0
#include "repository/commit.hpp"

#include "base/text.hpp"
#include "manifest/exchange.hpp"
#include "manifest/fold.hpp"
#include "manifest/totals.hpp"
#include "repository/context.hpp"
#include "repository/documents.hpp"
#include "repository/listing.hpp"
#include "repository/manifest_file.hpp"
#include "repository/restore_points.hpp"
#include "repository/signed_store.hpp"
#include "sys/file.hpp"
#include "sys/hash.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace ib {
namespace {

/// Creates an object under the first free name that `name_at` gives for a time and the seconds
/// after it.
template <class NameAt, class Put>
Result<Timestamp> put_at_free_time(Timestamp first, NameAt name_at, Put put)
{
  constexpr std::chrono::seconds kLast{59};
  for (Timestamp time = first; time <= first + kLast; time += std::chrono::seconds(1)) {
    const Result<> stored = put(name_at(time));
    if (stored) return time;
    if (stored.error().code != Errc::precondition_failed) return std::unexpected(stored.error());
  }
  return fail(
      Errc::precondition_failed,
      name_at(first).value + " to " + name_at(first + kLast).value +
          ": all these names are taken, so there is none for what this run has done",
      "Nothing that it has stored is lost: the next run that ends finds it. So many names are "
      "not taken by chance. Find out who put them there, and remove them.");
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

/// A manifest that is ready to be stored, whole or as a delta.
struct ReadyManifest {
  OutgoingManifest file;
  std::optional<DeltaBase> base = std::nullopt;
};

Result<OutgoingManifest> prepare(const RepositoryContext& repository, const Catalog& catalog,
                                 const std::string& file)
{
  const Folder folder = TRY(Folder::open(catalog.scratch.path()));
  return prepare_manifest(folder, file, repository.store.features());
}

Result<OutgoingManifest> full_manifest(const RepositoryContext& repository, Catalog& catalog)
{
  const std::string packed = "packed.db";
  TRY(pack(catalog.manifest, catalog.scratch.file(packed)));
  return prepare(repository, catalog, packed);
}

/// A new full one pays once the deltas that were sent since the last one come to its size: then the
/// sum of what is sent is the smallest.
bool pays(const DeltaBase& base, std::uint64_t size_of_full, std::uint64_t size_of_delta)
{
  return base.sent_before + size_of_delta < size_of_full;
}

/// Absent where only a full manifest will do, or pays more.
Result<std::optional<ReadyManifest>> delta_manifest(const RepositoryContext& repository,
                                                    Catalog& catalog)
{
  if (!catalog.full) return std::nullopt;
  const auto& manifests = catalog.listing.manifests;
  const auto full =
      std::ranges::find(manifests, catalog.full->object, &ManifestListing::Entry::name);
  if (full == manifests.end()) return std::nullopt;
  // A row has a digest or a path, which nothing compresses to less.
  constexpr std::uint64_t kLeastOfARow = 16;
  const std::uint64_t least = TRY(changed_rows(catalog.manifest)) * kLeastOfARow;
  if (!pays(*catalog.full, full->size, least)) return std::nullopt;
  const std::string file = "delta.db";
  if (!TRY(extract_delta(catalog.manifest, *catalog.full, catalog.scratch.file(file))))
    return std::nullopt;
  ReadyManifest ready{.file = TRY(prepare(repository, catalog, file)), .base = catalog.full};
  if (!pays(*catalog.full, full->size, ready.file.size)) return std::nullopt;
  return ready;
}

/// manifest.db is for whoever has no program at hand, and so it is whole. Where only deltas are
/// committed, a week may pass before the next one.
bool copy_is_due(const RepositoryContext& repository, const ManifestListing& listing)
{
  constexpr std::chrono::days kOldest{7};
  const bool may_replace =
      listing.current_is_newest || repository.store.address().folder() != nullptr;
  if (!listing.has_current_manifest || !may_replace) return false;
  return !listing.current_manifest_started ||
         listing.store_time - *listing.current_manifest_started >= kOldest;
}

/// The generations whose files the restore points bring. Absent where it is not certain which those
/// are: a point cannot be read, is set aside for this run, or may be added by another run.
std::optional<std::vector<std::uint64_t>> kept_generations(const RepositoryContext& repository,
                                                           const Catalog& catalog)
{
  const bool sets_aside =
      !repository.ignored_manifests.empty() ||
      (repository.signatures != nullptr && !repository.signatures->keys().distrusted.empty());
  if (sets_aside || catalog.heads.size() > 1 || catalog.has_unfinished_runs) return std::nullopt;
  std::vector<std::uint64_t> generations;
  for (const ManifestListing::Entry& entry : catalog.listing.restore_points) {
    const Result<PointFacts> facts = facts_of(repository, entry);
    if (!facts) return std::nullopt;  // the next run that writes a full one may know
    generations.push_back(facts->recorded_by.generation);
  }
  return generations;
}

/// A full manifest is smaller by what no restore point needs any more.
Result<> fold(const RepositoryContext& repository, Catalog& catalog, RestorePoint& point)
{
  const auto kept = kept_generations(repository, catalog);
  if (!kept || TRY(fold_past(catalog.manifest, *kept)) == 0 || !point.stored) return {};
  point.stored = TRY(stored_totals(catalog));
  return {};
}

Result<> put_manifest(const RepositoryContext& repository, Catalog& catalog, RestorePoint& point,
                      std::vector<std::string>& notes)
{
  std::optional<ReadyManifest> manifest = TRY(delta_manifest(repository, catalog));
  if (!manifest) {
    TRY(fold(repository, catalog, point));
    manifest = ReadyManifest{.file = TRY(full_manifest(repository, catalog))};
  }
  point.counts = TRY(file_counts(catalog));
  point.recipients = TRY(catalog.manifest.recipients());
  const OutgoingManifest& ready = manifest->file;
  const Metadata metadata{{"parents", joined(catalog.heads, ",")},
                          {"run", point.run},
                          {"generation", std::to_string(point.recorded_by.generation)}};
  Metadata of_object = metadata;
  if (manifest->base) of_object.emplace("base", manifest->base->object.value);
  point.time = TRY(put_at_free_time(catalog.listing.next_time(), manifest_name,
                                    [&](const ObjectName& name) -> Result<> {
                                      TRY(ready.put(repository.store, name, of_object));
                                      return {};
                                    }));
  point.parents = catalog.heads;
  point.manifest = ManifestInfo{
      .object = manifest_name(point.time), .bytes = ready.plain.size, .sha256 = ready.plain.sha256};
  if (manifest->base) {
    point.manifest->base = {.object = manifest->base->object, .sha256 = manifest->base->sha256};
    if (!copy_is_due(repository, catalog.listing)) return {};
  }
  const Result<OutgoingManifest> whole = manifest->base
                                             ? full_manifest(repository, catalog)
                                             : Result<OutgoingManifest>(std::move(manifest->file));
  if (!whole) {
    notes.push_back(std::string(kCurrentManifest) +
                    " could not be brought up to date: " + whole.error().message);
    return {};
  }
  note_copy_failure(whole->replace(repository.store, {std::string(kCurrentManifest)}, metadata,
                                   catalog.listing.current_manifest_generation),
                    kCurrentManifest, notes);
  return {};
}

constexpr std::string_view kJsonType = "application/json";

/// The restore point under the first free name from `time` on, and its copy for people.
Result<> put_restore_point(const RepositoryContext& repository, const ManifestListing& listing,
                           RestorePoint& point, Timestamp time, std::vector<std::string>& notes)
{
  std::string json;
  point.time =
      TRY(put_at_free_time(time, restore_point_name, [&](const ObjectName& name) -> Result<> {
        point.time = *restore_point_time(name);
        json = serialize(point);
        TRY(put_small(repository.store, name, json, metadata_of(point), std::string(kJsonType),
                      {}));
        return {};
      }));
  MemorySource source(bytes_of(json));
  note_copy_failure(repository.store.replace({.name = {std::string(kCurrentRestorePoint)},
                                              .size = json.size(),
                                              .crc32c = crc32c(bytes_of(json)),
                                              .metadata = metadata_of(point),
                                              .content_type = std::string(kJsonType)},
                                             source, listing.current_restore_point_generation, {}),
                    kCurrentRestorePoint, notes);
  return {};
}

}  // namespace

Result<> commit_catalog(const RepositoryContext& repository, Catalog& catalog, RestorePoint& point,
                        const std::function<Result<>(RestorePoint&)>& after_merge,
                        std::vector<std::string>& notes)
{
  if (!catalog.manifest.changed()) return commit_restore_point(repository, catalog, point, notes);
  // What is confirmed is worth committing also when the run was asked to stop: no token here.
  RepositoryContext to_the_end = repository;
  to_the_end.stop = {};
  while (TRY(merge_new_heads(to_the_end, catalog))) {
    point.stored.reset();  // it was summed up without them
    if (after_merge) TRY(after_merge(point));
  }
  point.recorded_by = {
      .generation = catalog.generation + 1, .run = point.run, .started = point.started};
  TRY(catalog.manifest.commit_run(point.recorded_by.generation));
  TRY(put_manifest(repository, catalog, point, notes));
  catalog.base = point.manifest;
  return put_restore_point(repository, catalog.listing, point, point.time, notes);
}

bool renews_copy(const RepositoryContext& repository, const Catalog& catalog)
{
  return !catalog.full || copy_is_due(repository, catalog.listing);
}

Result<> commit_restore_point(const RepositoryContext& repository, Catalog& catalog,
                              RestorePoint& point, std::vector<std::string>& notes)
{
  point.manifest = catalog.base;
  point.recorded_by = catalog.recorded_by;
  if (catalog.manifest.changed()) {
    point.checkpoints = catalog.checkpoints;
    point.recorded_by = {
        .generation = catalog.generation + 1, .run = point.run, .started = point.started};
  }
  point.counts = TRY(file_counts(catalog));
  point.recipients = TRY(catalog.manifest.recipients());
  return put_restore_point(repository, catalog.listing, point, catalog.listing.next_time(), notes);
}

}  // namespace ib
