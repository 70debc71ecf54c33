// SPDX-License-Identifier: Apache-2.0
// Folders outside the media root, such as Immich's external libraries. The file DIR/a/b.jpg of the
// extra root NAME has the path /@external/NAME/a/b.jpg.
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// No path of the media root begins with this.
inline constexpr std::string_view kExtraRootsPrefix = "/@external/";

struct ExtraRoot {
  std::string name;
  std::string folder;
};

/// Parses "NAME=DIR". invalid unless NAME has 1 to 64 ASCII letters, digits and . _ - and begins
/// with a letter or a digit. So NAME needs no escapes in a path or a pattern.
Result<ExtraRoot> parse_extra_root(std::string_view text);

/// "/@external/NAME/"
std::string extra_root_prefix(std::string_view name);

/// The name of a path's extra root. Absent for paths of the media root.
std::optional<std::string_view> extra_root_of(std::string_view path);

}  // namespace ib
