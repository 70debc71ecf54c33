// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "core/names/extra_root.hpp"
#include "manifest/manifest.hpp"
#include "manifest/named_files.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ib {

struct ExternalFolders {
  std::vector<ExtraRoot> roots;  ///< those that were given, with what Immich calls them
  /// Import paths of libraries of which nobody can tell in which of several folders they lie.
  std::vector<std::string> unclear;
};

/// Finds out what Immich calls the extra roots, where the owner has not said it: by the files below
/// each import path that lie at the same places below a root. `outside`: the files of external
/// libraries that the database names and that no root is known to hold, with its paths; those that
/// Immich itself did not find say nothing. `manifest` has what is stored. Asks for some hundred
/// files of each import path, however many there are.
Result<ExternalFolders> find_external_folders(NamedFiles& outside,
                                              const std::vector<std::string>& import_paths,
                                              const std::vector<ExtraRoot>& roots,
                                              const Manifest& manifest);

}  // namespace ib
