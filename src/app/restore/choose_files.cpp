// SPDX-License-Identifier: Apache-2.0
#include "app/restore/choose_files.hpp"

#include "app/restore/dumped.hpp"
#include "app/session.hpp"
#include "base/suggestion.hpp"
#include "base/text.hpp"
#include "core/names/unicode.hpp"
#include "core/selection/name_query.hpp"
#include "immich/media_paths.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kNamed = 10;  // of those that there are

/// "'Summer' (anna@example.org, 12 assets)"
std::string described(const AlbumSummary& album)
{
  return "'" + printable(album.name) + "' (" +
         (album.owner.empty() ? "" : printable(album.owner) + ", ") +
         count_of(album.assets, "asset", "assets") + ")";
}

/// The first of them, and how many more there are.
std::string enumerated(const std::vector<std::string>& items)
{
  std::string text;
  for (std::size_t i = 0; i < std::min(items.size(), kNamed); ++i)
    text += (text.empty() ? "" : ", ") + items[i];
  if (items.size() > kNamed) text += " and " + format_count(items.size() - kNamed) + " more";
  return text;
}

/// A sorted set of ids: 16 bytes each, however many.
class IdSet {
public:
  void add(const Uuid& id) { ids_.push_back(id); }
  void seal()
  {
    std::ranges::sort(ids_);
    const auto rest = std::ranges::unique(ids_);
    ids_.erase(rest.begin(), rest.end());
  }
  bool contains(const Uuid& id) const { return std::ranges::binary_search(ids_, id); }
  std::size_t size() const { return ids_.size(); }

private:
  std::vector<Uuid> ids_;
};

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
        names_(selectors.names.begin(), selectors.names.end()),
        choice_(choice)
  {}

  Result<> run()
  {
    TRY(find_users());
    TRY(find_ids());
    if (!selectors_.albums.empty()) TRY(find_albums());
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

  Result<> find_users()
  {
    TRY(dumped_.each_user([&](const DumpedUser& user) -> Result<> {
      users_[user.id] = user;
      return {};
    }));
    for (const std::string& email : selectors_.users) {
      owners_.insert(TRY(find_user(email)));
    }
    return {};
  }

  /// By the same letters, or else by what reads the same.
  Result<Uuid> find_user(const std::string& email) const
  {
    std::vector<const DumpedUser*> found;
    for (const auto& [id, user] : users_) {
      if (user.email == email) return id;
      if (read_the_same(user.email, email)) found.push_back(&user);
    }
    if (found.empty()) return unknown_user(email);
    if (found.size() == 1) return found.front()->id;
    std::vector<std::string> emails;
    emails.reserve(found.size());
    for (const DumpedUser* user : found) emails.push_back(shell_escaped(user->email));
    return fail(Errc::invalid,
                format_count(found.size()) + " users read like '" + printable(email) +
                    "': which of them is meant?",
                "Say --user with one of these: " + enumerated(emails) + ".");
  }

  std::unexpected<Error> unknown_user(const std::string& email) const
  {
    std::vector<std::string> emails;
    emails.reserve(users_.size());
    for (const auto& [id, user] : users_) emails.push_back(printable(user.email));
    std::ranges::sort(emails);
    return fail(
        Errc::invalid, "no user '" + printable(email) + "' in the dump of this restore point",
        emails.empty() ? "It has no users at all." : "There are " + enumerated(emails) + ".");
  }

  Result<> find_ids()
  {
    for (const std::string& text : selectors_.ids) {
      const std::optional<Uuid> id = parse_uuid(text);
      if (!id)
        return fail(Errc::invalid, "--asset " + printable(text) + ": is no id of an asset's");
      ids_.add(*id);
    }
    ids_.seal();
    return {};
  }

  Result<> find_albums()
  {
    const std::vector<AlbumSummary> albums = TRY(summarize_albums(dumped_));
    for (const std::string& name : selectors_.albums) {
      AlbumContents contents;
      contents.album = TRY(find_album(name, albums));
      const Uuid id = *parse_uuid(contents.album.id);
      if (albums_.contains(id)) continue;
      albums_[id] = choice_.albums.size();
      choice_.albums.push_back(std::move(contents));
    }
    return dumped_.each_album_asset([&](const DumpedAlbumAsset& entry) -> Result<> {
      if (albums_.contains(entry.album)) in_albums_.add(entry.asset);
      return {};
    });
  }

  /// By its name, in the same letters or else by what reads the same, or by its id.
  Result<AlbumSummary> find_album(const std::string& name,
                                  const std::vector<AlbumSummary>& albums) const
  {
    const auto all_that = [&](const auto& fits) {
      std::vector<AlbumSummary> found;
      std::ranges::copy_if(albums, std::back_inserter(found), fits);
      return found;
    };
    std::vector<AlbumSummary> found =
        all_that([&](const AlbumSummary& album) { return album.name == name; });
    if (found.empty())
      found = all_that([&](const AlbumSummary& album) { return read_the_same(album.name, name); });
    if (found.empty())
      found = all_that([&](const AlbumSummary& album) { return read_the_same(album.id, name); });
    if (found.size() > 1 && !selectors_.users.empty()) {
      // Whose photos are meant says whose album is, where that leaves one.
      std::vector<AlbumSummary> theirs;
      std::ranges::copy_if(found, std::back_inserter(theirs), [&](const AlbumSummary& album) {
        return std::ranges::any_of(selectors_.users, [&](const std::string& email) {
          return read_the_same(album.owner, email);
        });
      });
      if (theirs.size() == 1) found = std::move(theirs);
    }
    if (found.size() == 1) return found.front();
    return found.empty() ? no_album(name, albums) : several_albums(name, found);
  }

  static std::unexpected<Error> several_albums(const std::string& name,
                                               const std::vector<AlbumSummary>& albums)
  {
    std::vector<std::string> ids;
    ids.reserve(albums.size());
    for (const AlbumSummary& album : albums) ids.push_back(album.id + " is " + described(album));
    return fail(Errc::invalid,
                format_count(albums.size()) + " albums are called '" + printable(name) +
                    "': which of them is meant?",
                "Say --album ID: " + enumerated(ids) + ".");
  }

  static std::unexpected<Error> no_album(const std::string& name,
                                         const std::vector<AlbumSummary>& albums)
  {
    const std::string wanted = folded(name);
    std::vector<std::string> near;
    std::vector<std::string> all;
    for (const AlbumSummary& album : albums) {
      const std::string lower = folded(album.name);
      const std::string_view lower_view = lower;
      const bool alike = lower.contains(wanted) || (!lower.empty() && wanted.contains(lower)) ||
                         !nearest(wanted, {&lower_view, 1}).empty();
      if (alike) near.push_back(described(album));
      all.push_back(described(album));
    }
    const std::vector<std::string>& named = near.empty() ? all : near;
    return fail(
        Errc::invalid,
        "no album '" + printable(name) + "'" +
            (named.empty() ? "; there are none at all" : "; there are " + enumerated(named)),
        "`immich-backup albums` lists them all.");
  }

  bool fits(const DumpedAsset& asset, const std::optional<std::string>& path) const
  {
    const auto any = [](const auto& choices, const auto& fits_one) {
      return choices.empty() || std::ranges::any_of(choices, fits_one);
    };
    return (selectors_.ids.empty() || ids_.contains(asset.id)) &&
           (selectors_.albums.empty() || in_albums_.contains(asset.id)) &&
           (owners_.empty() || owners_.contains(asset.owner)) &&
           (!selectors_.trashed || *selectors_.trashed == asset.trashed) &&
           any(selectors_.taken,
               [&](const TakenRange& range) {
                 return asset.taken && range.contains(*asset.taken);
               }) &&
           any(names_, [&](const NameQuery& query) { return query.matches(asset.file_name); }) &&
           any(patterns_, [&](const PathPattern& p) { return path && p.matches_file(*path); });
  }

  Result<> choose()
  {
    in_albums_.seal();
    IdSet known;
    TRY(dumped_.each_asset([&](const DumpedAsset& asset) -> Result<> {
      TRY(check_stop());
      if (ids_.contains(asset.id)) known.add(asset.id);
      if (!fits(asset, patterns_.empty() ? std::nullopt : paths_.in_backup(asset.original_path)))
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
      const auto album = albums_.find(entry.album);
      if (album != albums_.end()) members.emplace_back(entry.asset, album->second);
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
      const auto found = albums_.find(album.id);
      if (found == albums_.end()) return {};
      AlbumContents& contents = choice_.albums[found->second];
      contents.order = album.order.empty() ? "desc" : album.order;
      if (album.owner) contents.owner_name = name_of(*album.owner);
      return {};
    }));
    return dumped_.each_album_user([&](const DumpedAlbumUser& entry) -> Result<> {
      const auto found = albums_.find(entry.album);
      const auto user = users_.find(entry.user);
      if (found == albums_.end() || user == users_.end()) return {};
      AlbumContents& contents = choice_.albums[found->second];
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
  std::vector<NameQuery> names_;
  FileChoice& choice_;

  std::map<Uuid, DumpedUser> users_;
  std::set<Uuid> owners_;               // the users that were named
  std::map<Uuid, std::size_t> albums_;  // those that were named, and their place in the choice
  IdSet ids_, in_albums_;
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
  Manifest* const by_content = point.placed_for ? nullptr : &files.manifest();
  TRY(choice.files.resolve(files.set(), by_content,
                           [&](Finding finding, const WantedFile& wanted) -> Result<> {
                             choice.problems.push_back(problem_of(finding, wanted));
                             return {};
                           }));
  return choice;
}

}  // namespace ib
