// SPDX-License-Identifier: Apache-2.0
#include "repository/version2.hpp"

#include <utility>

namespace ib {

Result<TakenOverManifest> take_over_manifest(const RepositoryContext& repository,
                                             const ScratchFolder& scratch, const std::string& file,
                                             std::string_view name)
{
  repository.progress.begin("taking over a manifest of version 2.0", std::nullopt, std::nullopt);
  OlderManifest older =
      TRY(OlderManifest::open(scratch.file(file), name, repository.path_mappings));
  const std::unique_ptr<ObjectCursor> cursor =
      TRY(repository.store.list(std::string(kLibraryPrefix), "", repository.stop));
  while (std::optional<ObjectInfo> info = TRY(cursor->next())) {
    if (repository.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    repository.progress.advance(1, 0);
    if (!info->size) continue;  // it does not count as stored
    TRY(older.add_object(info->name, *info->size, info->crc32c, info->storage_class));
  }
  const std::string taken_file = scratch.file(file + ".taken");
  TakenOver taken;
  {
    Manifest manifest = TRY(Manifest::create(taken_file));
    taken = TRY(older.write_into(manifest, TRY(repository.store.now(repository.stop))));
  }
  // Opened again, it is not changed: only a backup that has found the files commits it.
  Manifest manifest = TRY(Manifest::open(taken_file, name, Manifest::Known::is_as_packed));
  return TakenOverManifest{.manifest = std::move(manifest), .what = std::move(taken)};
}

}  // namespace ib
