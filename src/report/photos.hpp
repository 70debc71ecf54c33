// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/records/photo.hpp"
#include "report/header.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

struct ListedPhoto {
  Photo photo;
  std::string owner;  ///< an e-mail address
  std::vector<PhotoFile> files;
};

/// Photos that have something in common: a day, an album, a folder.
struct PhotoGroup {
  std::string key;   ///< "2021-07-04", an id, an e-mail address, a folder's name; "" for none
  std::string name;  ///< for people, where that is another
  std::string owner = {};
  std::uint64_t photos = 0;
  std::uint64_t incomplete = 0;  ///< of these: a restore does not bring all of their files
  std::optional<Timestamp> first = std::nullopt;
  std::optional<Timestamp> last = std::nullopt;
};

struct PhotosReport {
  ReportHeader header;
  std::string store;
  Timestamp restore_point{};
  std::uint64_t photos = 0;     ///< that fit, whether they were shown or not
  std::uint64_t not_shown = 0;  ///< PhotoListOrigin::not_shown
};

Outcome outcome_of(const PhotosReport& report);
/// A line with its newline, or an element of the list in JSON.
std::string photo_line(const ListedPhoto& photo);
std::string photo_json(const ListedPhoto& photo);
std::string group_line(const PhotoGroup& group);
std::string group_json(const PhotoGroup& group);
/// What follows the lines.
std::string photos_summary(const PhotosReport& report);
std::string listing_json_end(const PhotosReport& report);

}  // namespace ib
