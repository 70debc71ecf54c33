// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/names/extra_root.hpp"
#include "core/records/restore_point.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ib {

/// Maps a path in Immich's database to its path in a backup. Immich's server sees the media root
/// and the folders of external libraries under the names in its container.
class MediaPaths {
public:
  /// `media_roots`: names of the media root in addition to /data (since 1.137), /usr/src/app/upload
  /// (before) and the relative `upload` (before 1.136). Empty ones are ignored. `extra_roots`:
  /// where the server sees each of them.
  MediaPaths(const std::vector<std::string>& media_roots,
             const std::vector<ExtraRoot>& extra_roots);
  /// As the run of a restore point saw them. `recorded`: where the media root is, as the database
  /// of its dump records it; "" if it does not.
  static MediaPaths of(const RestorePoint& point, const std::string& recorded);

  /// "/data/upload/a.jpg" becomes "/upload/a.jpg", and a file of an extra root becomes
  /// "/@external/NAME/a.jpg". The longest matching root counts. Absent if none matches, or if the
  /// path holds "..".
  std::optional<std::string> in_backup(std::string_view path) const;

private:
  std::vector<std::pair<std::string, std::string>>
      prefixes_;  // longest first, each with its replacement
};

}  // namespace ib
