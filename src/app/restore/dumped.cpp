// SPDX-License-Identifier: Apache-2.0
#include "app/restore/dumped.hpp"

#include "app/session.hpp"
#include "app/spending.hpp"
#include "app/stored_dump.hpp"
#include "repository/listing.hpp"
#include "repository/restore_points.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace ib {
namespace {

/// Which restore points have a dump, the newest first: the first five of those there are.
std::string points_with_dumps(const Session& session, const ManifestListing& listing)
{
  constexpr std::size_t kNamed = 5;
  constexpr std::size_t kLookedAt = 60;  // each is a request
  std::string names;
  std::size_t found = 0;
  std::size_t looked_at = 0;
  for (auto it = listing.restore_points.rbegin(); it != listing.restore_points.rend(); ++it) {
    if (found == kNamed || looked_at++ == kLookedAt) break;
    const Result<RestorePoint> point = read_restore_point(session, it->name);
    if (!point || !point->database) continue;
    names += (names.empty() ? "" : ", ") + format_iso(point->time);
    ++found;
  }
  return names;
}

std::unexpected<Error> no_dump(const Session& session, const ManifestListing& listing,
                               const RestorePoint& point, std::string_view purpose)
{
  const std::string others = points_with_dumps(session, listing);
  return fail(Errc::invalid,
              "restore point " + format_iso(point.time) + " has no database dump, which " +
                  std::string(purpose) + " needs",
              others.empty() ? "No restore point of late has one. Files can be chosen by their "
                               "paths: `immich-backup find` looks for them."
                             : "Use --at with one that has: " + others + ".");
}

/// An asset of some album.
struct Membership {
  Uuid asset;
  std::uint32_t album = 0;  ///< its place in the list
};

void count_asset(AlbumSummary& album, const DumpedAsset& asset)
{
  ++album.assets;
  if (asset.trashed) ++album.trashed;
  if (!asset.taken) return;
  album.first = std::min(album.first.value_or(*asset.taken), *asset.taken);
  album.last = std::max(album.last.value_or(*asset.taken), *asset.taken);
}

}  // namespace

Result<DumpedAssets> read_dumped_assets(const Session& session, const ManifestListing& listing,
                                        const RestorePoint& point, const std::string& folder,
                                        std::string_view purpose)
{
  if (!point.database) return no_dump(session, listing, point, purpose);
  const DumpInfo& dump = *point.database;
  const Prices prices = prices_at(session, find_location(session));
  TRY(approve_spending(
      session,
      cost_of(reading({.objects = 1, .bytes = dump.bytes}, session.spending.classes.dumps), prices),
      "reading the dump"));
  session.progress.begin("reading the dump", std::nullopt, dump.bytes);
  DumpedAssets assets = TRY(DumpedAssets::create(folder));
  TRY(read_stored_dump(session, dump.object, dump.sha256,
                       [&](ByteView plain) { return assets.write(plain); }));
  TRY(assets.finish().context(dump.object.value));
  return assets;
}

Result<std::vector<AlbumSummary>> summarize_albums(const DumpedAssets& dumped)
{
  std::map<Uuid, std::string> emails;
  TRY(dumped.each_user([&](const PhotoUser& user) -> Result<> {
    emails[user.id] = user.email;
    return {};
  }));
  std::vector<AlbumSummary> albums;
  std::map<Uuid, std::uint32_t> places;
  TRY(dumped.each_album([&](const DumpedAlbum& album) -> Result<> {
    places[album.id] = static_cast<std::uint32_t>(albums.size());
    albums.push_back({.id = to_text(album.id),
                      .name = album.name,
                      .description = album.description,
                      .owner = album.owner ? emails[*album.owner] : "",
                      .deleted = album.deleted});
    return {};
  }));
  TRY(dumped.each_album_user([&](const DumpedAlbumUser& entry) -> Result<> {
    const auto place = places.find(entry.album);
    if (place != places.end() && entry.role == "owner")
      albums[place->second].owner = emails[entry.user];
    return {};
  }));
  // 20 bytes for each photo in an album: what is sorted here is far smaller than what it points at.
  std::vector<Membership> members;
  TRY(dumped.each_album_asset([&](const DumpedAlbumAsset& entry) -> Result<> {
    const auto place = places.find(entry.album);
    if (place != places.end()) members.push_back({.asset = entry.asset, .album = place->second});
    return {};
  }));
  std::ranges::sort(members, {}, &Membership::asset);
  TRY(dumped.each_asset([&](const DumpedAsset& asset) -> Result<> {
    for (const Membership& member :
         std::ranges::equal_range(members, asset.id, {}, &Membership::asset))
      count_asset(albums[member.album], asset);
    return {};
  }));
  return albums;
}

}  // namespace ib
