// SPDX-License-Identifier: Apache-2.0
#include "report/albums.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

#include <algorithm>

namespace ib {
namespace {

Json to_object(const AlbumSummary& album)
{
  return {{"id", album.id},
          {"name", to_utf8(album.name)},
          {"description", to_utf8(album.description)},
          {"owner", to_utf8(album.owner)},
          {"assets", album.assets},
          {"trashed", album.trashed},
          {"first_taken", local_time(album.first)},
          {"last_taken", local_time(album.last)},
          {"deleted", album.deleted}};
}

std::string day(Timestamp time)
{
  return format_iso(time).substr(0, format_iso(time).find('T'));
}

std::string dates(const AlbumSummary& album)
{
  if (!album.first) return "no dates";
  const std::string first = day(*album.first);
  const std::string last = day(*album.last);
  return first == last ? first : first + " to " + last;
}

std::string album_line(const AlbumSummary& album, std::size_t owner_width)
{
  constexpr std::size_t kCountWidth = 14;
  constexpr std::size_t kDatesWidth = 24;
  const std::string count = count_of(album.assets, "asset ", "assets");
  std::string line =
      padded_left(count, kCountWidth) + "  " + padded_right(dates(album), kDatesWidth) + "  " +
      padded_right(printable(album.owner), owner_width) + "  " + printable(album.name);
  if (album.trashed > 0) line += "  (" + format_count(album.trashed) + " of them in the trash)";
  if (album.deleted) line += "  (deleted)";
  return line + "\n";
}

}  // namespace

Outcome outcome_of(const AlbumsReport& report)
{
  return outcome_by_problems(report.header);
}

std::string to_text(const AlbumsReport& report)
{
  std::size_t owner_width = 0;
  for (const AlbumSummary& album : report.albums)
    owner_width = std::max(owner_width, printable(album.owner).size());
  std::string text;
  for (const AlbumSummary& album : report.albums) text += album_line(album, owner_width);
  Rows rows;
  rows.add_notes(report.header.notes);
  return text + rows.text() + count_of(report.albums.size(), "album", "albums") +
         " in restore point " + format_iso(report.restore_point) + "\n";
}

std::string to_json(const AlbumsReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  json["restore_point"] = format_iso(report.restore_point);
  Json albums = Json::array();
  for (const AlbumSummary& album : report.albums) albums.push_back(to_object(album));
  json["albums"] = std::move(albums);
  return json_line(json);
}

std::string album_list_json(const std::vector<AlbumContents>& albums, Timestamp restore_point,
                            const std::string& store)
{
  Json list = Json::array();
  for (const AlbumContents& contents : albums) {
    Json album = to_object(contents.album);
    album["owner_name"] = to_utf8(contents.owner_name);
    album["order"] = to_utf8(contents.order);
    Json users = Json::array();
    for (const AlbumUser& user : contents.shared_with)
      users.push_back({{"email", to_utf8(user.email)},
                       {"name", to_utf8(user.name)},
                       {"role", to_utf8(user.role)}});
    album["shared_with"] = std::move(users);
    Json entries = Json::array();
    for (const AlbumEntry& entry : contents.entries) {
      entries.push_back({{"asset", entry.asset},
                         {"file_name", to_utf8(entry.file_name)},
                         {"path", to_utf8(entry.path)},
                         {"sha1", entry.sha1 ? Json(entry.sha1->hex()) : Json(nullptr)},
                         {"taken", local_time(entry.taken)},
                         {"trashed", entry.trashed}});
    }
    album["entries"] = std::move(entries);
    list.push_back(std::move(album));
  }
  const Json document{{"format", "immich-backup album list"},
                      {"version", 1},
                      {"store", to_utf8(store)},
                      {"restore_point", format_iso(restore_point)},
                      {"albums", std::move(list)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ib
