// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "store/object_store.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace ib {

/// Where a store in a folder writes what is not an object yet.
inline constexpr std::string_view kIncompleteFolder = ".incomplete";

/// The objects below the folder at `root`, as ObjectStore::list() promises them; none where there
/// is no such folder.
Result<std::unique_ptr<ObjectCursor>> list_folder(const std::string& root,
                                                  const std::string& prefix,
                                                  const std::string& start,
                                                  ListedMetadata metadata);

}  // namespace ib
