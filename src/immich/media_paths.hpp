// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/names/extra_root.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ib {

/// Where a path of Immich's database lies in a backup. Immich's server sees the media root, and the
/// folders of external libraries, under names of its own: those of its container.
class MediaPaths {
public:
  /// `media_roots`: what the media root may be called besides /data (since 1.137),
  /// /usr/src/app/upload (before) and the relative `upload` (before 1.136); empty ones count for
  /// nothing. `extra_roots`: where the server sees each.
  MediaPaths(const std::vector<std::string>& media_roots,
             const std::vector<ExtraRoot>& extra_roots);

  /// "/data/upload/a.jpg" is "/upload/a.jpg", and below an extra root "/@external/NAME/a.jpg". The
  /// longest of the roots that fit counts. Absent where none does, or where the path has a ".." in
  /// it.
  std::optional<std::string> in_backup(std::string_view path) const;

private:
  std::vector<std::pair<std::string, std::string>>
      prefixes_;  // longest first; what takes its place
};

}  // namespace ib
