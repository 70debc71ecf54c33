// SPDX-License-Identifier: Apache-2.0
#include "repository/commit.hpp"

#include "manifest/exchange.hpp"
#include "manifest/totals.hpp"
#include "repository/context.hpp"
#include "repository/documents.hpp"
#include "repository/listing.hpp"
#include "repository/manifest_file.hpp"
#include "sys/file.hpp"
#include "sys/hash.hpp"

namespace ib {
namespace {

std::string join_names(const std::vector<std::string>& names)
{
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

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

Result<> put_manifest(const RepositoryContext& repository, Catalog& catalog, RestorePoint& point,
                      std::vector<std::string>& notes)
{
  const std::string packed = "packed.db";
  TRY(pack(catalog.manifest, catalog.scratch.file(packed)));
  const Folder folder = TRY(Folder::open(catalog.scratch.path()));
  const OutgoingManifest ready =
      TRY(prepare_manifest(folder, packed, repository.store.features().keeps_encodings));
  const Metadata metadata{{"parents", join_names(catalog.heads)},
                          {"run", point.run},
                          {"generation", std::to_string(point.recorded_by.generation)}};
  point.time = TRY(put_at_free_time(catalog.listing.next_time(), manifest_name,
                                    [&](const ObjectName& name) -> Result<> {
                                      TRY(ready.put(repository.store, name, metadata));
                                      return {};
                                    }));
  point.parents = catalog.heads;
  point.manifest = ManifestInfo{
      .object = manifest_name(point.time), .bytes = ready.plain.size, .sha256 = ready.plain.sha256};
  note_copy_failure(ready.replace(repository.store, {std::string(kCurrentManifest)}, metadata,
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
  point.counts = TRY(count_files(catalog.manifest));
  TRY(put_manifest(repository, catalog, point, notes));
  catalog.base = point.manifest;
  return put_restore_point(repository, catalog.listing, point, point.time, notes);
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
  return put_restore_point(repository, catalog.listing, point, catalog.listing.next_time(), notes);
}

}  // namespace ib
