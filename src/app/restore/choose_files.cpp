// SPDX-License-Identifier: Apache-2.0
#include "app/restore/choose_files.hpp"

#include "app/restore/asset_choice.hpp"
#include "app/restore/dumped.hpp"
#include "app/session.hpp"
#include "base/text.hpp"
#include "immich/media_paths.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace ib {
namespace {

class Chooser {
public:
  Chooser(const Session& session, const RestorePoint& point, const DumpedAssets& dumped,
          const AssetSelectors& selectors, const std::vector<PathPattern>& patterns,
          FileChoice& choice)
      : session_(session),
        point_(point),
        dumped_(dumped),
        selectors_(selectors),
        patterns_(patterns),
        paths_(MediaPaths::of(point, dumped.media_location())),
        choice_(choice)
  {}

  Result<> run()
  {
    TRY(resolve_names());
    TRY(choose());
    if (chosen_.size() == 0) {
      return fail(Errc::invalid, "no asset of restore point " + format_iso(point_.time) + " fits",
                  "Each kind of selector narrows the choice; `immich-backup albums` and "
                  "`immich-backup find` show what there is.");
    }
    choice_.assets = chosen_.size();
    TRY(want_assets());
    TRY(want_sidecars());
    if (!choice_.albums.empty()) TRY(list_albums());
    tell_of_external();
    return {};
  }

private:
  Result<> check_stop() const
  {
    if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    return {};
  }

  Result<> resolve_names()
  {
    std::vector<PhotoUser> users;
    TRY(dumped_.each_user([&](const PhotoUser& user) -> Result<> {
      users.push_back(user);
      users_[user.id] = user;
      return {};
    }));
    std::vector<AlbumSummary> albums;
    if (!selectors_.albums.empty()) albums = TRY(summarize_albums(dumped_));
    meant_.emplace(TRY(AssetChoice::resolve(selectors_, patterns_, users, albums)));
    for (const AlbumSummary& album : meant_->albums()) choice_.albums.push_back({.album = album});
    if (choice_.albums.empty()) return {};
    return dumped_.each_album_asset([&](const DumpedAlbumAsset& entry) -> Result<> {
      if (meant_->place_of(entry.album)) in_albums_.add(entry.asset);
      return {};
    });
  }

  Result<> choose()
  {
    in_albums_.seal();
    IdSet known;
    TRY(dumped_.each_asset([&](const DumpedAsset& asset) -> Result<> {
      TRY(check_stop());
      if (meant_->names(asset.id)) known.add(asset.id);
      const AssetFacts facts{.id = asset.id,
                             .owner = asset.owner,
                             .file_name = asset.file_name,
                             .taken = asset.taken,
                             .trashed = asset.trashed};
      if (!meant_->fits(facts,
                        patterns_.empty() ? std::nullopt : paths_.in_backup(asset.original_path),
                        in_albums_.contains(asset.id)))
        return {};
      chosen_.add(asset.id);
      if (asset.live_video) videos_.add(*asset.live_video);
      return {};
    }));
    known.seal();
    for (const std::string& text : selectors_.ids) {
      if (known.contains(*parse_uuid(text))) continue;
      return fail(
          Errc::invalid, "no asset " + printable(text) + " in the dump of this restore point",
          "It may be in an earlier one: --at; or `immich-backup find` knows the file by its name.");
    }
    chosen_.seal();
    videos_.seal();
    return {};
  }

  /// The two halves of a live photo belong together, whichever was chosen.
  bool comes(const DumpedAsset& asset) const
  {
    return chosen_.contains(asset.id) || videos_.contains(asset.id) ||
           (asset.live_video && chosen_.contains(*asset.live_video));
  }

  Result<> want_assets()
  {
    TRY(dumped_.each_asset([&](const DumpedAsset& asset) -> Result<> {
      TRY(check_stop());
      if (!comes(asset)) return {};
      coming_.add(asset.id);
      const std::optional<std::string> path = paths_.in_backup(asset.original_path);
      if (path) {
        return choice_.files.add({.path = *path,
                                  .sha1 = asset.sha1,
                                  .asset = to_text(asset.id) + " (" + asset.file_name + ")"});
      }
      if (external_++ == 0) first_external_ = asset.original_path;
      return {};
    }));
    coming_.seal();
    return {};
  }

  Result<> want_sidecars()
  {
    return dumped_.each_sidecar([&](const DumpedSidecar& sidecar) -> Result<> {
      if (!coming_.contains(sidecar.asset)) return {};
      const std::optional<std::string> path = paths_.in_backup(sidecar.path);
      if (!path) return {};  // beside its photo, outside
      return choice_.files.add(
          {.path = *path, .sha1 = std::nullopt, .asset = to_text(sidecar.asset), .sidecar = true});
    });
  }

  /// One problem for all of them: a family's external library may have a hundred thousand.
  void tell_of_external()
  {
    if (external_ == 0) return;
    choice_.problems.push_back(
        {.path = first_external_,
         .code = "outside_media_root",
         .message = count_of(external_, "asset lies", "assets lie") +
                    " outside Immich's media root, as external libraries do, and in no extra root: "
                    "first " +
                    printable(first_external_),
         .hint = "--extra-root backs such folders up."});
  }

  Result<> list_albums()
  {
    // Which albums an asset is in: sorted by asset, since an album may hold all there are.
    std::vector<std::pair<Uuid, std::size_t>> members;
    TRY(dumped_.each_album_asset([&](const DumpedAlbumAsset& entry) -> Result<> {
      if (const auto place = meant_->place_of(entry.album))
        members.emplace_back(entry.asset, *place);
      return {};
    }));
    std::ranges::sort(members);
    const auto asset_of = [](const auto& member) { return member.first; };
    TRY(dumped_.each_asset([&](const DumpedAsset& asset) -> Result<> {
      for (const auto& member : std::ranges::equal_range(members, asset.id, {}, asset_of)) {
        choice_.albums[member.second].entries.push_back(
            {.asset = to_text(asset.id),
             .file_name = asset.file_name,
             .path = paths_.in_backup(asset.original_path).value_or(asset.original_path),
             .sha1 = asset.sha1,
             .taken = asset.taken,
             .trashed = asset.trashed});
      }
      return {};
    }));
    TRY(describe_albums());
    for (AlbumContents& contents : choice_.albums) sort_as_shown(contents);
    return {};
  }

  Result<> describe_albums()
  {
    TRY(dumped_.each_album([&](const DumpedAlbum& album) -> Result<> {
      const auto place = meant_->place_of(album.id);
      if (!place) return {};
      AlbumContents& contents = choice_.albums[*place];
      contents.order = album.order.empty() ? "desc" : album.order;
      if (album.owner) contents.owner_name = name_of(*album.owner);
      return {};
    }));
    return dumped_.each_album_user([&](const DumpedAlbumUser& entry) -> Result<> {
      const auto place = meant_->place_of(entry.album);
      const auto user = users_.find(entry.user);
      if (!place || user == users_.end()) return {};
      AlbumContents& contents = choice_.albums[*place];
      if (entry.role == "owner") {
        contents.owner_name = user->second.name;
      } else {
        contents.shared_with.push_back(
            {.email = user->second.email, .name = user->second.name, .role = entry.role});
      }
      return {};
    });
  }

  std::string name_of(const Uuid& id) const
  {
    const auto user = users_.find(id);
    return user == users_.end() ? "" : user->second.name;
  }

  static void sort_as_shown(AlbumContents& contents)
  {
    const auto key = [](const AlbumEntry& entry) {
      return std::tie(entry.taken, entry.file_name, entry.asset);
    };
    std::ranges::sort(contents.entries, {}, key);
    if (contents.order == "desc") std::ranges::reverse(contents.entries);
  }

  const Session& session_;
  const RestorePoint& point_;
  const DumpedAssets& dumped_;
  const AssetSelectors& selectors_;
  const std::vector<PathPattern>& patterns_;
  MediaPaths paths_;
  FileChoice& choice_;

  std::optional<AssetChoice> meant_;  // once the names are resolved
  std::map<Uuid, PhotoUser> users_;
  IdSet in_albums_;
  IdSet chosen_, videos_, coming_;
  std::uint64_t external_ = 0;
  std::string first_external_;
};

Problem problem_of(Finding finding, const WantedFile& wanted)
{
  const std::string path = printable(wanted.path);
  const std::string whose =
      wanted.sidecar ? "a sidecar of asset " + wanted.asset : "asset " + wanted.asset;
  if (finding == Finding::differs) {
    return {.path = wanted.path,
            .code = "checksum_differs",
            .message = path + ": " + printable(whose) +
                       ": what is stored is not what Immich recorded (the SHA-1 differs); restored "
                       "all the same, since there is nothing else",
            .hint = "`immich-backup history` shows whether there are other versions of it."};
  }
  return {.path = wanted.path,
          .code = wanted.sidecar ? "sidecar_missing" : "original_missing",
          .message = path + ": " + printable(whose) + ": the restore point has no such file" +
                     (wanted.sha1 ? ", nor its content anywhere else" : ""),
          .hint = "It may be in another restore point: `immich-backup history` tells of its path."};
}

}  // namespace

Result<FileChoice> choose_files(const Session& session, PointFiles& files,
                                const std::string& scratch_file, const RestorePoint& point,
                                const DumpedAssets& dumped, const AssetSelectors& selectors,
                                const std::vector<PathPattern>& patterns)
{
  session.progress.begin("choosing files", std::nullopt, std::nullopt);
  FileChoice choice{
      .files = TRY(ChosenFiles::create(scratch_file)), .assets = 0, .albums = {}, .problems = {}};
  TRY(Chooser(session, point, dumped, selectors, patterns, choice).run());
  TRY(look_up(choice.files, files, point,
              [&](Finding finding, const WantedFile& wanted) -> Result<> {
                choice.problems.push_back(problem_of(finding, wanted));
                return {};
              }));
  return choice;
}

Result<> look_up(ChosenFiles& wanted, PointFiles& files, const RestorePoint& point,
                 const std::function<Result<>(Finding, const WantedFile&)>& tell)
{
  Manifest* const by_content = point.placed_for ? nullptr : &files.manifest();
  return wanted.resolve(files.set(), by_content, tell);
}

}  // namespace ib
