// SPDX-License-Identifier: Apache-2.0
#include "app/restore/asset_choice.hpp"

#include "base/suggestion.hpp"
#include "base/text.hpp"
#include "core/names/unicode.hpp"

#include <algorithm>
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

std::unexpected<Error> unknown_user(const std::string& email, const std::vector<PhotoUser>& users)
{
  std::vector<std::string> emails;
  emails.reserve(users.size());
  for (const PhotoUser& user : users) emails.push_back(printable(user.email));
  std::ranges::sort(emails);
  return fail(Errc::invalid, "no user '" + printable(email) + "' in the dump of this restore point",
              emails.empty() ? "It has no users at all." : "There are " + enumerated(emails) + ".");
}

/// By the same letters, or else by what reads the same.
Result<Uuid> find_user(const std::string& email, const std::vector<PhotoUser>& users)
{
  std::vector<const PhotoUser*> found;
  for (const PhotoUser& user : users) {
    if (user.email == email) return user.id;
    if (read_the_same(user.email, email)) found.push_back(&user);
  }
  if (found.empty()) return unknown_user(email, users);
  if (found.size() == 1) return found.front()->id;
  std::vector<std::string> emails;
  emails.reserve(found.size());
  for (const PhotoUser* user : found) emails.push_back(shell_escaped(user->email));
  return fail(Errc::invalid,
              format_count(found.size()) + " users read like '" + printable(email) +
                  "': which of them is meant?",
              "Say --user with one of these: " + enumerated(emails) + ".");
}

std::unexpected<Error> several_albums(const std::string& name,
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

std::unexpected<Error> no_album(const std::string& name, const std::vector<AlbumSummary>& albums)
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
  return fail(Errc::invalid,
              "no album '" + printable(name) + "'" +
                  (named.empty() ? "; there are none at all" : "; there are " + enumerated(named)),
              "`immich-backup albums` lists them all.");
}

/// By its name, in the same letters or else by what reads the same, or by its id.
Result<AlbumSummary> find_album(const std::string& name, const std::vector<AlbumSummary>& albums,
                                const std::vector<std::string>& users)
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
  if (found.size() > 1 && !users.empty()) {
    // Whose photos are meant says whose album is, where that leaves one.
    std::vector<AlbumSummary> theirs;
    std::ranges::copy_if(found, std::back_inserter(theirs), [&](const AlbumSummary& album) {
      return std::ranges::any_of(
          users, [&](const std::string& email) { return read_the_same(album.owner, email); });
    });
    if (theirs.size() == 1) found = std::move(theirs);
  }
  if (found.size() == 1) return found.front();
  return found.empty() ? no_album(name, albums) : several_albums(name, found);
}

}  // namespace

void IdSet::seal()
{
  std::ranges::sort(ids_);
  const auto rest = std::ranges::unique(ids_);
  ids_.erase(rest.begin(), rest.end());
}

bool IdSet::contains(const Uuid& id) const
{
  return std::ranges::binary_search(ids_, id);
}

Result<AssetChoice> AssetChoice::resolve(const AssetSelectors& selectors,
                                         const std::vector<PathPattern>& patterns,
                                         const std::vector<PhotoUser>& users,
                                         const std::vector<AlbumSummary>& albums)
{
  AssetChoice choice(selectors, patterns);
  for (const std::string& email : selectors.users)
    choice.owners_.insert(TRY(find_user(email, users)));
  for (const std::string& text : selectors.ids) {
    const std::optional<Uuid> id = parse_uuid(text);
    if (!id) return fail(Errc::invalid, "--asset " + printable(text) + ": is no id of an asset's");
    choice.ids_.add(*id);
  }
  choice.ids_.seal();
  for (const std::string& name : selectors.albums) {
    AlbumSummary album = TRY(find_album(name, albums, selectors.users));
    const std::optional<Uuid> id = parse_uuid(album.id);
    if (!id) return no_album(name, albums);
    if (!choice.places_.try_emplace(*id, choice.albums_.size()).second) continue;
    choice.albums_.push_back(std::move(album));
  }
  return choice;
}

std::optional<std::size_t> AssetChoice::place_of(const Uuid& album) const
{
  const auto place = places_.find(album);
  return place == places_.end() ? std::nullopt : std::optional(place->second);
}

bool AssetChoice::fits(const AssetFacts& asset, const std::optional<std::string>& path,
                       bool in_album) const
{
  const auto any = [](const auto& choices, const auto& fits_one) {
    return choices.empty() || std::ranges::any_of(choices, fits_one);
  };
  return (selectors_->ids.empty() || ids_.contains(asset.id)) && (albums_.empty() || in_album) &&
         (owners_.empty() || owners_.contains(asset.owner)) &&
         (!selectors_->trashed || *selectors_->trashed == asset.trashed) &&
         any(selectors_->taken,
             [&](const TakenRange& range) { return range.contains(asset.taken); }) &&
         any(names_, [&](const NameQuery& query) { return query.matches(asset.file_name); }) &&
         any(*patterns_, [&](const PathPattern& p) { return path && p.matches_file(*path); });
}

}  // namespace ib
