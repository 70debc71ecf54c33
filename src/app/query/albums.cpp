// SPDX-License-Identifier: Apache-2.0
#include "app/query/albums.hpp"

#include "app/restore/dumped.hpp"
#include "repository/catalog.hpp"
#include "repository/listing.hpp"
#include "repository/point_choice.hpp"
#include "sys/file.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace ib {

Result<AlbumsReport> run_albums(const Session& session, const AlbumsJob& job)
{
  AlbumsReport report;
  report.header.command = "albums";
  report.header.store = session.store.url();
  const ManifestListing listing = TRY(list_manifests(session));
  TRY(require_backup(session, listing));
  if (listing.restore_points.empty()) {
    return fail(Errc::invalid, session.store.url() + ": has no restore point yet",
                "`immich-backup backup` makes the first.");
  }
  PointChoice choice = TRY(choose_point(session, listing, job.at));
  std::ranges::move(choice.notes, std::back_inserter(report.header.notes));
  report.restore_point = choice.point.time;
  const ScratchFolder scratch = TRY(ScratchFolder::create(session.scratch_parent));
  const DumpedAssets dumped = TRY(
      read_dumped_assets(session, listing, choice.point, scratch.file("dump"), "a list of albums"));
  report.albums = TRY(summarize_albums(dumped));
  std::ranges::sort(report.albums, {}, [](const AlbumSummary& album) {
    return std::tie(album.name, album.owner, album.id);
  });
  return report;
}

}  // namespace ib
