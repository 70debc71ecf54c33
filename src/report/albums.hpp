// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/records/albums.hpp"
#include "report/header.hpp"

#include <string>
#include <vector>

namespace ib {

struct AlbumsReport {
  ReportHeader header;
  Timestamp restore_point{};
  std::vector<AlbumSummary> albums;
};

Outcome outcome_of(const AlbumsReport& report);
/// Lines that end in a newline.
std::string to_text(const AlbumsReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const AlbumsReport& report);

/// What albums held, as one JSON document (docs/formats/album-list.md), so that the lists survive:
/// Immich forgets them with a deleted album.
std::string album_list_json(const std::vector<AlbumContents>& albums, Timestamp restore_point,
                            const std::string& store);

}  // namespace ib
