// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "core/selection/asset_selectors.hpp"
#include "manifest/photo_list.hpp"
#include "report/photos.hpp"
#include "sys/file.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace ib {

/// What photos are counted by.
enum class PhotoGrouping : std::uint8_t { year, month, day, album, user, folder };

struct PhotosJob {
  AssetSelectors selectors;
  /// A folder of the backup, which ends in a slash: only the photos below it. With
  /// PhotoGrouping::folder, what lies in it is told apart.
  std::string below = "/";
  std::optional<PhotoGrouping> by;
  std::uint64_t skip = 0;              ///< of those that fit, in their order
  std::optional<std::uint64_t> limit;  ///< how many of the rest are shown
};

struct PhotosSink {
  std::function<Result<>(const ListedPhoto&)> photo;
  std::function<Result<>(const PhotoGroup&)> group;  ///< where job.by says so
};

/// The photos of a list that fit, in the order in which they were taken; or how many there are of
/// each day, album and so on, in the order of their names.
Result<PhotosReport> run_photos(const PhotoList& list, const PhotosJob& job, const PhotosSink& sink,
                                const std::stop_token& stop);

/// Calls `take` for each photo that `selectors` and `below` mean. `order` holds where the whole
/// list is read; what is asked of an album or of a time comes by time.
Result<> each_photo(const PhotoList& list, const AssetSelectors& selectors,
                    const std::string& below, const std::stop_token& stop,
                    const std::function<Result<>(const Photo&)>& take,
                    PhotoList::Order order = PhotoList::Order::by_time);

/// A list in `scratch`, out of the dump of a restore point; a copy of it replaces `file`. `at`
/// absent: the restore point that a restore takes.
Result<PhotoList> list_photos(const Session& session, std::optional<Timestamp> at,
                              const std::optional<std::string>& file, const ScratchFolder& scratch);

}  // namespace ib
