// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "store/object_store.hpp"
#include "sys/file.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace ib {

/// The folder for files that are not objects yet.
inline constexpr std::string_view kIncompleteFolder = ".incomplete";

/// As Folder::open; says whose it is where this user may not.
Result<Folder> open_store_folder(const std::string& path);

/// The objects below the folder at `root`, as ObjectStore::list() promises. Empty if there is no
/// such folder.
Result<std::unique_ptr<ObjectCursor>> list_folder(const std::string& root,
                                                  const std::string& prefix,
                                                  const std::string& start,
                                                  ListedMetadata metadata);

}  // namespace ib
