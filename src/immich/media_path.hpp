// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// A path as Immich's database has it ("/data/upload/...", "/usr/src/app/upload/upload/...",
/// "upload/upload/..." before 1.136), as the path below the media root ("/upload/...").
/// `media_location` is where the server has recorded the media root to be; "" where it has not.
/// Absent where it lies elsewhere.
std::optional<std::string> below_media_root(std::string_view path, std::string_view media_location);

}  // namespace ib
