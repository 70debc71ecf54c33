// SPDX-License-Identifier: Apache-2.0
//
// Which folder of an extra root Immich sees under another path: the one that holds what Immich says
// is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// A folder of an extra root that may be the one that Immich means.
struct FolderCandidate {
  std::size_t root = 0;     ///< its place in the list of extra roots
  std::string below;        ///< below the root; "" is the root itself
  std::uint64_t found = 0;  ///< how many of the files that were looked for are there
  friend bool operator==(const FolderCandidate&, const FolderCandidate&) = default;
};

/// The folders that `path` in Immich may be: each extra root itself, and in each root the folder of
/// the path's last name, of its last two names, and so on. `path` has no doubled slashes and does
/// not end in one.
std::vector<FolderCandidate> candidates_for(const std::string& path, std::size_t roots);

struct FolderMatch {
  std::optional<FolderCandidate> folder;  ///< the one that it is
  bool unclear = false;                   ///< more than one may be it
};

/// A candidate is the folder if at least half of the files that were looked for are there, and no
/// other candidate has more than a tenth of them. `looked_for` is more than 0.
FolderMatch choose_folder(const std::vector<FolderCandidate>& candidates, std::uint64_t looked_for);

}  // namespace ib
