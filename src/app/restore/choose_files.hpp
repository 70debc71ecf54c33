// SPDX-License-Identifier: Apache-2.0
//
// From what people remember of their photos to the files that hold them.
#pragma once

#include "app/session.hpp"
#include "core/records/albums.hpp"
#include "core/records/problem.hpp"
#include "core/selection/asset_selectors.hpp"
#include "core/selection/scope.hpp"
#include "immich/dumped_assets.hpp"
#include "manifest/chosen_files.hpp"
#include "repository/point_files.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ib {

struct FileChoice {
  ChosenFiles files;
  std::uint64_t assets = 0;           ///< that fit, without what comes along
  std::vector<AlbumContents> albums;  ///< those that were named, in their order
  std::vector<Problem> problems;      ///< what was chosen and cannot be had
};

/// Chooses out of a restore point's dump the assets that `selectors` mean and whose path one of
/// `patterns` matches (none: any); the other halves of live photos and all sidecars come along.
/// Each is then looked up in `files`, those of the restore point. `scratch_file` is made and must
/// not exist. invalid where a name is unknown or means several things, with those that there are;
/// or where nothing fits.
Result<FileChoice> choose_files(const Session& session, PointFiles& files,
                                const std::string& scratch_file, const RestorePoint& point,
                                const DumpedAssets& dumped, const AssetSelectors& selectors,
                                const std::vector<PathPattern>& patterns);

/// Looks the wanted files up in those of a restore point, as a restore does.
Result<> look_up(ChosenFiles& wanted, PointFiles& files, const RestorePoint& point,
                 const std::function<Result<>(Finding, const WantedFile&)>& tell);

}  // namespace ib
