// SPDX-License-Identifier: Apache-2.0
#include "app/restore/make_photo_list.hpp"

#include "app/restore/choose_files.hpp"
#include "app/restore/dumped.hpp"
#include "immich/media_paths.hpp"
#include "repository/catalog.hpp"
#include "repository/point_choice.hpp"
#include "repository/point_files.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ib {
namespace {

/// Writes users, albums, photos and their files, and what of the files a restore has to look up.
class Lister {
public:
  Lister(const Session& session, const DumpedAssets& dumped, MediaPaths paths,
         PhotoListWriter& list, ChosenFiles& wanted)
      : session_(session), dumped_(dumped), paths_(std::move(paths)), list_(list), wanted_(wanted)
  {}

  Result<> run()
  {
    TRY(dumped_.each_user([&](const PhotoUser& user) { return list_.add(user); }));
    for (const AlbumSummary& album : TRY(summarize_albums(dumped_)))
      if (const std::optional<Uuid> id = parse_uuid(album.id)) TRY(list_.add(album, *id));
    TRY(dumped_.each_asset([&](const DumpedAsset& asset) { return take(asset); }));
    TRY(dumped_.each_asset([&](const DumpedAsset& asset) -> Result<> {
      // Also one that is shown by itself, as one whose other half was not recognized.
      const Place place = place_of(asset.original_path);
      if (TRY(list_.add_to_live(asset.id, PhotoPart::video, place.path, place.is_outside)))
        TRY(want(place, asset));
      return {};
    }));
    TRY(dumped_.each_sidecar([&](const DumpedSidecar& sidecar) -> Result<> {
      const Place place = place_of(sidecar.path);
      const bool of_photo =
          TRY(list_.add_file(sidecar.asset, PhotoPart::sidecar, place.path, place.is_outside));
      const bool of_video =
          TRY(list_.add_to_live(sidecar.asset, PhotoPart::sidecar, place.path, place.is_outside));
      if ((!of_photo && !of_video) || place.is_outside) return {};
      return wanted_.add({.path = place.path,
                          .sha1 = std::nullopt,
                          .asset = to_text(sidecar.asset),
                          .sidecar = true});
    }));
    return dumped_.each_album_asset([&](const DumpedAlbumAsset& entry) {
      return list_.add_to_album(entry.album, entry.asset);
    });
  }

  std::uint64_t not_shown() const { return not_shown_; }

private:
  struct Place {
    std::string path;
    bool is_outside = false;
  };

  Place place_of(const std::string& path) const
  {
    std::optional<std::string> place = paths_.in_backup(path);
    return place ? Place{.path = *std::move(place)} : Place{.path = path, .is_outside = true};
  }

  Result<> want(const Place& place, const DumpedAsset& asset)
  {
    if (place.is_outside) return {};
    return wanted_.add({.path = place.path, .sha1 = asset.sha1, .asset = to_text(asset.id)});
  }

  Result<> take(const DumpedAsset& asset)
  {
    if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    if (asset.visibility == Visibility::hidden) return {};  // half of a live photo
    if (asset.visibility == Visibility::locked) {
      ++not_shown_;
      return {};
    }
    const Place place = place_of(asset.original_path);
    TRY(list_.add({.id = asset.id,
                   .owner = asset.owner,
                   .file_name = asset.file_name,
                   .taken = asset.taken,
                   .trashed = asset.trashed,
                   .path = place.path},
                  asset.live_video));
    TRY(list_.add_file(asset.id, PhotoPart::original, place.path, place.is_outside));
    return want(place, asset);
  }

  const Session& session_;
  const DumpedAssets& dumped_;
  MediaPaths paths_;
  PhotoListWriter& list_;
  ChosenFiles& wanted_;
  std::uint64_t not_shown_ = 0;
};

}  // namespace

Result<PhotoList> make_photo_list(const Session& session, std::optional<Timestamp> at,
                                  const std::string& file)
{
  session.progress.begin("reading the manifest", std::nullopt, std::nullopt);
  Catalog catalog = TRY(require_catalog(session));
  PointChoice choice = TRY(choose_point(session, catalog.listing, at));
  std::vector<std::string> notes = std::move(choice.notes);
  const RestorePoint& point = choice.point;
  PointFiles files = TRY(PointFiles::open(session, catalog, point));
  std::optional<std::string> obstacle;
  if (!files.is_own()) obstacle = files.obstacle_text();
  const DumpedAssets dumped = TRY(read_dumped_assets(
      session, catalog.listing, point, catalog.scratch.file("dump"), "a list of photos"));
  session.progress.begin("listing the photos", std::nullopt, std::nullopt);
  PhotoListWriter list = TRY(PhotoListWriter::create(file));
  ChosenFiles wanted = TRY(ChosenFiles::create(catalog.scratch.file("wanted.db")));
  Lister lister(session, dumped, MediaPaths::of(point, dumped.media_location()), list, wanted);
  TRY(lister.run());
  std::vector<std::string> differing;
  TRY(look_up(wanted, files, point, [&](Finding finding, const WantedFile& found) -> Result<> {
    if (finding == Finding::differs) differing.push_back(found.path);
    return {};
  }));
  TRY(list.place(wanted, differing));
  TRY(list.finish({.store = session.store.url(),
                   .restore_point = point.time,
                   .not_shown = lister.not_shown(),
                   .notes = std::move(notes),
                   .obstacle = std::move(obstacle)}));
  return PhotoList::open(file);
}

}  // namespace ib
