// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// `path` as a file system reads it: without doubled slashes, "." and a slash at its end, so that
/// "/" becomes "". Absent if it holds "..": nobody knows what that is without the folders and links
/// of the machine that has them.
std::optional<std::string> clean_path(std::string_view path);

}  // namespace ib
