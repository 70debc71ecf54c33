// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/records/albums.hpp"

#include <string>
#include <vector>

namespace ib {

/// What albums held, as one JSON document (docs/formats/album-list.md): so that the lists survive,
/// which Immich forgets with a deleted album.
std::string album_list_json(const std::vector<AlbumContents>& albums, Timestamp restore_point,
                            const std::string& store);

}  // namespace ib
