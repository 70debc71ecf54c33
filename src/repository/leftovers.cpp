// SPDX-License-Identifier: Apache-2.0
#include "repository/leftovers.hpp"

#include "base/time.hpp"
#include "core/records/file_record.hpp"
#include "repository/context.hpp"
#include "repository/object_metadata.hpp"
#include "repository/own_uploads.hpp"

#include <algorithm>
#include <optional>

namespace ib {
namespace {

/// What an object says of itself; absent where its metadata is lost, and where its size is not
/// told.
std::optional<FileRecord> record_of(const ObjectInfo& object)
{
  const std::optional<std::string> path = path_of(object);
  const std::optional<Sha256> sha256 = sha256_of(object);
  const std::optional<Sha1> sha1 = sha1_of(object);
  const std::optional<std::uint64_t> size = object.content_size();
  if (!path || !sha256 || !sha1 || !size) return std::nullopt;
  FileRecord record{.path = *path, .storage_class = object.storage_class, .object = object.name};
  record.content = {.sha256 = *sha256, .sha1 = *sha1, .size = *size};
  const std::optional<Crc32c> crc32c = object.content_crc32c();
  record.content.has_crc32c = crc32c.has_value();
  record.content.crc32c = crc32c.value_or(Crc32c{});
  record.encrypted = encrypted_object(object);
  record.mtime_ns = mtime_of(object).value_or(kNoTime);
  return record;
}

}  // namespace

Result<> find_what_was_left(const RepositoryContext& repository, Catalog& catalog, RunPlan& plan)
{
  ContentIndex& contents = *TRY(catalog.manifest.contents());
  repository.progress.begin("looking for what an unfinished run has stored", std::nullopt,
                            std::nullopt);
  for (const std::string_view prefix : {kLibraryPrefix, kVersionsPrefix, kHashedPrefix}) {
    const std::unique_ptr<ObjectCursor> cursor = TRY(
        repository.store.list(std::string(prefix), "", repository.stop, ListedMetadata::of_all));
    while (std::optional<ObjectInfo> object = TRY(cursor->next())) {
      if (repository.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      repository.progress.advance(1, 0);
      if (!is_own_upload(repository, *object)) continue;
      std::optional<FileRecord> record = record_of(*object);
      if (!record || TRY(contents.is_claimed(*record))) continue;
      if (object->plain && !object->plain->announced_crc32c) continue;
      if (object->plain && !object->crc32c) {
        // The listing of a folder tells no checksum, and nobody could compute one of the age file.
        Result<ObjectInfo> there = repository.store.stat(object->name, repository.stop);
        if (!there && there.error().code == Errc::not_found) continue;
        object = TRY(std::move(there));
        record->encrypted = encrypted_object(*object);
      }
      if (!holds_what_was_announced(*object)) continue;
      TRY(plan.add_unclaimed(*record));
    }
  }
  return {};
}

Result<std::uint64_t> claim_what_was_left(const RepositoryContext& repository, Catalog& catalog,
                                          const RunPlan& plan)
{
  ContentIndex& contents = *TRY(catalog.manifest.contents());
  std::uint64_t claimed = 0;
  const std::unique_ptr<RecordCursor> left = TRY(plan.unclaimed());
  while (std::optional<FileRecord> record = TRY(left->next())) {
    const auto names_it = [&](const PathState& state) {
      return state.record.object_name() == record->object_name();
    };
    // Of a file that has moved, the path before shall know too what its name in the store holds.
    if (std::ranges::any_of(TRY(catalog.manifest.history(record->path)), names_it)) continue;
    const bool is_claimed = TRY(contents.is_claimed(*record));
    if (!record->content.has_crc32c) {
      const Result<ObjectInfo> object =
          repository.store.stat(record->object_name(), repository.stop);
      if (!object && object.error().code == Errc::not_found) continue;
      if (!object) return std::unexpected(object.error());
      record->content.crc32c = object->crc32c.value_or(Crc32c{});
      record->content.has_crc32c = object->crc32c.has_value();
    }
    TRY(catalog.manifest.record_aside(*record));
    if (!is_claimed) ++claimed;
  }
  return claimed;
}

}  // namespace ib
