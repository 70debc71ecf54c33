// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// Turns a path in Immich's database ("/data/upload/...", "/usr/src/app/upload/upload/...", or
/// "upload/upload/..." before 1.136) into a path below the media root ("/upload/...").
/// `media_location` is the media root that the server has recorded, or "". Absent if the path is
/// elsewhere.
std::optional<std::string> below_media_root(std::string_view path, std::string_view media_location);

}  // namespace ib
