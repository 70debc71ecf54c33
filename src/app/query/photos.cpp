// SPDX-License-Identifier: Apache-2.0
#include "app/query/photos.hpp"

#include "app/findings.hpp"
#include "app/outside_stores.hpp"
#include "app/restore/asset_choice.hpp"
#include "app/restore/make_photo_list.hpp"
#include "sys/file.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace ib {
namespace {

using Emails = std::map<Uuid, std::string>;

Result<Emails> emails_of(const PhotoList& list)
{
  Emails emails;
  for (const PhotoUser& user : TRY(list.users())) emails[user.id] = user.email;
  return emails;
}

/// The part of a list that has to be read for a choice.
PhotoList::Scope scope_of(const AssetSelectors& selectors, const AssetChoice& choice)
{
  PhotoList::Scope scope;
  if (selectors.ids.size() == 1) scope.id = parse_uuid(selectors.ids.front());
  if (choice.albums().size() == 1) scope.album = parse_uuid(choice.albums().front().id);
  if (selectors.taken.size() == 1) scope.taken = selectors.taken.front();
  return scope;
}

/// "2021-07-04", or as much of it as is asked for; "" without a date.
std::string date_of(const Photo& photo, std::size_t size)
{
  return photo.taken ? format_iso(*photo.taken).substr(0, size) : "";
}

/// The name of the folder that comes next on the way from `below` to the photo; "" if it lies
/// there.
std::string next_folder(const Photo& photo, const std::string& below)
{
  const std::string_view rest = std::string_view(photo.path).substr(below.size());
  const std::size_t slash = rest.find('/');
  return slash == rest.npos ? "" : std::string(rest.substr(0, slash));
}

/// Replaces `to`, all at once.
Result<> copy_file(const std::string& from, const std::string& to)
{
  const std::string path = absolute_path(to);
  const std::size_t slash = path.rfind('/');
  const std::string name = path.substr(slash + 1);
  const Folder folder = TRY(Folder::open(path.substr(0, std::max<std::size_t>(slash, 1))));
  InputFile input = TRY(InputFile::open(from));
  PendingFile output =
      TRY(PendingFile::create(folder, name + ".partial", name, PendingFile::Sync::later));
  std::vector<std::byte> buffer(std::size_t{256} * 1024);
  for (;;) {
    const std::size_t size = TRY(input.read(buffer));
    if (size == 0) return output.commit_replacing();
    TRY(output.write(ByteView(buffer).first(size)));
  }
}

class Grouper {
public:
  Grouper(const PhotoList& list, const PhotosJob& job) : list_(list), job_(job) {}

  Result<> take(const Photo& photo)
  {
    constexpr std::size_t kYear = 4, kMonth = 7, kDay = 10;
    switch (*job_.by) {
      case PhotoGrouping::year:
        return count(photo, date_of(photo, kYear));
      case PhotoGrouping::month:
        return count(photo, date_of(photo, kMonth));
      case PhotoGrouping::day:
        return count(photo, date_of(photo, kDay));
      case PhotoGrouping::user:
        return count(photo, to_text(photo.owner));
      case PhotoGrouping::folder:
        return count(photo, next_folder(photo, job_.below));
      case PhotoGrouping::album:
        for (const Uuid& album : TRY(list_.albums_of(photo.id))) TRY(count(photo, to_text(album)));
        return {};
    }
    std::unreachable();
  }

  /// The groups in the order of their names.
  Result<std::vector<PhotoGroup>> groups() &&
  {
    if (*job_.by == PhotoGrouping::album) {
      for (const AlbumSummary& album : TRY(list_.albums())) {
        const auto found = groups_.find(album.id);
        if (found == groups_.end()) continue;
        found->second.name = album.name;
        found->second.owner = album.owner;
      }
    }
    if (*job_.by == PhotoGrouping::user) {
      for (const PhotoUser& user : TRY(list_.users())) {
        const auto found = groups_.find(to_text(user.id));
        if (found == groups_.end()) continue;
        found->second.key = user.email;
        found->second.name = user.name;
      }
    }
    std::vector<PhotoGroup> groups;
    groups.reserve(groups_.size());
    for (auto& [key, group] : groups_) groups.push_back(std::move(group));
    const auto order = [](const PhotoGroup& group) {
      return std::tie(group.name.empty() ? group.key : group.name, group.owner, group.key);
    };
    std::ranges::sort(groups, {}, order);
    return groups;
  }

private:
  Result<> count(const Photo& photo, const std::string& key)
  {
    PhotoGroup& group = groups_[key];
    group.key = key;
    ++group.photos;
    if (!photo.is_whole) ++group.incomplete;
    if (!photo.taken) return {};
    group.first = std::min(group.first.value_or(*photo.taken), *photo.taken);
    group.last = std::max(group.last.value_or(*photo.taken), *photo.taken);
    return {};
  }

  const PhotoList& list_;
  const PhotosJob& job_;
  std::map<std::string, PhotoGroup> groups_;
};

}  // namespace

Result<> each_photo(const PhotoList& list, const AssetSelectors& selectors,
                    const std::string& below, const std::stop_token& stop,
                    const std::function<Result<>(const Photo&)>& take, PhotoList::Order order)
{
  const std::vector<PathPattern> any_path;
  std::vector<AlbumSummary> albums;
  // It counts the photos of each, which takes longer than to find those of a day.
  if (!selectors.albums.empty()) albums = TRY(list.albums());
  const AssetChoice choice =
      TRY(AssetChoice::resolve(selectors, any_path, TRY(list.users()), albums));
  PhotoList::Scope scope = scope_of(selectors, choice);
  scope.order = order;
  const auto is_in_album = [&](const Photo& photo) -> Result<bool> {
    if (choice.albums().empty() || (scope.album && !scope.id)) return true;
    return std::ranges::any_of(TRY(list.albums_of(photo.id)), [&](const Uuid& album) {
      return choice.place_of(album).has_value();
    });
  };
  return list.each(scope, [&](const Photo& photo) -> Result<> {
    if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    if (below != "/" && !photo.path.starts_with(below)) return {};
    const AssetFacts facts{.id = photo.id,
                           .owner = photo.owner,
                           .file_name = photo.file_name,
                           .taken = photo.taken,
                           .trashed = photo.trashed};
    if (!choice.fits(facts, std::nullopt, TRY(is_in_album(photo)))) return {};
    return take(photo);
  });
}

Result<PhotosReport> run_photos(const PhotoList& list, const PhotosJob& job, const PhotosSink& sink,
                                const std::stop_token& stop)
{
  PhotosReport report;
  report.header.command = "photos";
  report.header.store = list.origin().store;
  report.restore_point = list.origin().restore_point;
  report.not_shown = list.origin().not_shown;
  report.header.notes = list.origin().notes;
  if (list.origin().obstacle)
    report.header.problems.push_back(manifest_lost(*list.origin().obstacle));
  Emails emails = TRY(emails_of(list));
  Grouper grouper(list, job);
  const auto take = [&](const Photo& photo) -> Result<> {
    const std::uint64_t place = report.photos++;
    if (job.by) return grouper.take(photo);
    if (place < job.skip || (job.limit && place - job.skip >= *job.limit)) return {};
    return sink.photo(
        {.photo = photo, .owner = emails[photo.owner], .files = TRY(list.files_of(photo.id))});
  };
  TRY(each_photo(list, job.selectors, job.below, stop, take,
                 job.by ? PhotoList::Order::any : PhotoList::Order::by_time));
  if (job.by)
    for (const PhotoGroup& group : TRY(std::move(grouper).groups())) TRY(sink.group(group));
  return report;
}

Result<PhotoList> list_photos(const Session& session, std::optional<Timestamp> at,
                              const std::optional<std::string>& file, const ScratchFolder& scratch)
{
  if (file) TRY(require_outside_stores(session, "--write-list", *file));
  const std::string own = scratch.file("photos.db");
  PhotoList list = TRY(make_photo_list(session, at, own));
  if (file) TRY(copy_file(own, *file).context("--write-list"));
  return list;
}

}  // namespace ib
