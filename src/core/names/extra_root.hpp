// SPDX-License-Identifier: Apache-2.0
//
// Folders outside the media root, such as Immich's external libraries. The file DIR/a/b.jpg of the
// root NAME has the path /@external/NAME/a/b.jpg.
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// Below this no path belongs to the media root.
inline constexpr std::string_view kExtraRootsPrefix = "/@external/";

struct ExtraRoot {
  std::string name;
  std::string folder;
};

/// "NAME=DIR". invalid unless NAME is 1 to 64 letters of ASCII, digits and . _ - and begins with a
/// letter or a digit: it has to make a path and a pattern as it is.
Result<ExtraRoot> parse_extra_root(std::string_view text);

/// "/@external/NAME/"
std::string extra_root_prefix(std::string_view name);

/// The name of the extra root that a path lies in; absent for paths of the media root.
std::optional<std::string_view> extra_root_of(std::string_view path);

}  // namespace ib
