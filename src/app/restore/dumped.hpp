// SPDX-License-Identifier: Apache-2.0
//
// What a restore point's dump says of assets and albums.
#pragma once

#include "app/session.hpp"
#include "core/records/albums.hpp"
#include "immich/dumped_assets.hpp"
#include "repository/listing.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Fetches the dump of a restore point and spools Immich's tables in it to `folder`, which is made.
/// The dump is compared with its recorded SHA-256 and read to its last line before anything of it
/// is believed: corrupt where it is damaged. invalid where the restore point has none, or one of
/// tables that are not known. `purpose` is what needs it: "choosing by album, user or date".
Result<DumpedAssets> read_dumped_assets(const Session& session, const ManifestListing& listing,
                                        const RestorePoint& point, const std::string& folder,
                                        std::string_view purpose);

/// The albums of a dump, in its order, with what they hold summed up.
Result<std::vector<AlbumSummary>> summarize_albums(const DumpedAssets& dumped);

}  // namespace ib
