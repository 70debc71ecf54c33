// SPDX-License-Identifier: Apache-2.0
#include "report/photos.hpp"

#include "base/text.hpp"
#include "report/layout.hpp"
#include "report/listing_json.hpp"

#include <algorithm>

namespace ib {
namespace {

/// "", or what a restore does not bring of it.
std::string shortcoming(const ListedPhoto& photo)
{
  std::string text;
  for (const PhotoFile& file : photo.files) {
    if (file.state == PhotoState::stored) continue;
    text += (text.empty() ? "  (" : ", ") + std::string(to_string(file.part)) + " " +
            std::string(to_string(file.state));
  }
  return text.empty() ? text : text + ")";
}

Json file_object(const PhotoFile& file)
{
  Json json = path_object(file.path);
  json["part"] = to_string(file.part);
  json["state"] = to_string(file.state);
  if (!file.record) return json;
  json["size"] = file.record->content.size;
  json["sha256"] = file.record->content.sha256.hex();
  json["storage_class"] =
      file.record->storage_class ? Json(to_string(*file.record->storage_class)) : Json(nullptr);
  return json;
}

}  // namespace

Outcome outcome_of(const PhotosReport& report)
{
  return outcome_by_problems(report.header);
}

std::string photo_line(const ListedPhoto& listed)
{
  constexpr std::size_t kTime = 16, kSize = 8;
  std::uint64_t size = 0;
  for (const PhotoFile& file : listed.files)
    if (file.record) size += file.record->content.size;
  std::string time = "no date";
  if (listed.photo.taken) {
    time = format_iso(*listed.photo.taken).substr(0, kTime);
    time.replace(time.find('T'), 1, " ");
  }
  return padded_left(format_bytes(size), kSize) + "  " + padded_right(time, kTime) + "  " +
         printable(listed.photo.file_name) + "  " + printable(listed.owner) + "  " +
         printable(listed.photo.path) + (listed.photo.trashed ? "  (in the trash)" : "") +
         shortcoming(listed) + "\n";
}

std::string photo_json(const ListedPhoto& listed)
{
  Json json = path_object(listed.photo.path);
  json["id"] = to_text(listed.photo.id);
  json["file_name"] = to_utf8(listed.photo.file_name);
  json["owner"] = to_utf8(listed.owner);
  json["taken"] = local_time(listed.photo.taken);
  json["trashed"] = listed.photo.trashed;
  json["whole"] = listed.photo.is_whole;
  Json files = Json::array();
  for (const PhotoFile& file : listed.files) files.push_back(file_object(file));
  json["files"] = std::move(files);
  return json_text(json);
}

std::string group_line(const PhotoGroup& group)
{
  constexpr std::size_t kCount = 14;
  std::string line = padded_left(count_of(group.photos, "photo ", "photos"), kCount) + "  ";
  line += printable(group.name.empty() ? group.key : group.name);
  if (group.key.empty() && group.name.empty()) line += "-";
  if (!group.owner.empty()) line += "  " + printable(group.owner);
  if (group.incomplete > 0) line += "  (" + format_count(group.incomplete) + " incomplete)";
  return line + "\n";
}

std::string group_json(const PhotoGroup& group)
{
  return json_text({{"key", to_utf8(group.key)},
                    {"name", to_utf8(group.name)},
                    {"owner", to_utf8(group.owner)},
                    {"photos", group.photos},
                    {"incomplete", group.incomplete},
                    {"first_taken", local_time(group.first)},
                    {"last_taken", local_time(group.last)}});
}

std::string photos_summary(const PhotosReport& report)
{
  std::string text = count_of(report.photos, "photo", "photos") + " of restore point " +
                     format_iso(report.restore_point) + "\n";
  if (report.not_shown > 0)
    text += count_of(report.not_shown, "asset is", "assets are") +
            " not listed: Immich shows them to nobody, or only in the locked folder\n";
  Rows rows;
  rows.add_notes(report.header.notes);
  return text + rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string listing_json_end(const PhotosReport& report)
{
  return listing_end(report.header, outcome_of(report),
                     {{"restore_point", format_iso(report.restore_point)},
                      {"photos_found", report.photos},
                      {"not_shown", report.not_shown}});
}

}  // namespace ib
