// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/store_inspector.hpp"

#include <memory>
#include <string>

namespace ib {

/// What a folder, and the file system that it lies on, says of itself. Before the first write makes
/// the folder, that is said of the nearest parent that is there.
std::unique_ptr<StoreInspector> make_folder_inspector(std::string path);

}  // namespace ib
