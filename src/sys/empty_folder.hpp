// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sys/file.hpp"

#include <string_view>

namespace ib {

/// Removes a folder below `root` in which nothing lies; io where something does.
Result<> remove_empty_folder(const Folder& root, std::string_view relative);

}  // namespace ib
