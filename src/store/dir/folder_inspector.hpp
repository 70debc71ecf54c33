// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/store_inspector.hpp"

#include <memory>
#include <string>

namespace ib {

/// Describes a folder and its file system. Until the first write creates the folder, describes its
/// nearest existing parent.
std::unique_ptr<StoreInspector> make_folder_inspector(std::string path);

}  // namespace ib
