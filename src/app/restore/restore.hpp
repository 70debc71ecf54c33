// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "base/digest.hpp"
#include "core/selection/asset_selectors.hpp"
#include "net/bandwidth_timetable.hpp"
#include "report/restore.hpp"
#include "sys/file.hpp"
#include "transfer/download.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

struct RestoreJob {
  std::string target;
  std::vector<std::string> patterns;  ///< as in .gitignore, below the media root; none: everything
  /// Any: what ever had one of these contents, of all restore points, instead of the files of one
  /// of them.
  std::vector<Sha256> sha256s = {};
  AssetSelectors assets = {};   ///< any: of these assets alone, out of the restore point's dump
  std::optional<Timestamp> at;  ///< absent: the newest that choose_point() finds
  bool as_in_library = false;   ///< the library's bytes at its paths, instead of what Immich names
  std::optional<Overwrite>
      overwrite;  ///< absent: the target must hold no files but of this restore
  bool dry_run = false;
  std::optional<Owner> owner = std::nullopt;             ///< of the files and folders that are made
  std::optional<std::string> album_json = std::nullopt;  ///< takes what the chosen albums held
  std::optional<BandwidthTimetable> bandwidth = std::nullopt;  ///< for foreseeing how long it takes
};

/// Puts back the files of a restore point, each where its database names it (RestoreSet), each
/// compared with its recorded digests before it gets its name, with its time and, as what is served
/// to others, readable by all (0644, folders 0755). A restore of everything also makes the folders
/// and markers that Immich needs to start, and puts the dump where Immich itself restores it.
///
/// Where the target holds files and nothing is said of overwriting, they must be of this restore:
/// then it goes on with one that was interrupted. What is whole stays; what has other content is
/// left alone, and a problem.
Result<RestoreReport> run_restore(const Session& session, const RestoreJob& job);

}  // namespace ib
