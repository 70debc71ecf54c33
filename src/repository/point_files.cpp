// SPDX-License-Identifier: Apache-2.0
#include "repository/point_files.hpp"

#include <utility>

namespace ib {

std::string PointFiles::obstacle_text() const
{
  return "the restore point of " + format_iso(time_) + " has lost its own manifest (" +
         obstacle_->message +
         "): its files are taken from what newer ones remember, and may not be all that it had";
}

Result<PointFiles> PointFiles::open(const RepositoryContext& repository, Catalog& catalog,
                                    const RestorePoint& point, Paths paths)
{
  PointFiles files(catalog.manifest);
  files.time_ = point.time;
  if (!rests_on(point, catalog)) {
    Result<Manifest> own = manifest_of(repository, catalog, point);
    if (own) {
      files.own_ = std::move(*own);
    } else if (own.error().code == Errc::not_found || own.error().code == Errc::corrupt) {
      files.obstacle_ = own.error();
      files.set_ = TRY(RestoreSet::of_generation(catalog.manifest, point.recorded_by.generation));
      return files;
    } else {
      return std::unexpected(std::move(own).error());
    }
  }
  const Manifest& manifest = files.manifest();
  if (paths == Paths::as_in_library || !point.placed_for) {
    files.set_ = TRY(RestoreSet::as_in_library(manifest));
    return files;
  }
  if (TRY(placed_for(manifest)) != *point.placed_for) {
    return fail(Errc::corrupt,
                restore_point_name(point.time).value +
                    ": its audit was about another manifest than the one that it names");
  }
  files.set_ = TRY(RestoreSet::of(manifest));
  return files;
}

}  // namespace ib
