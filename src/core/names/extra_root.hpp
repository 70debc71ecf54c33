// SPDX-License-Identifier: Apache-2.0
// Folders outside the media root, such as Immich's external libraries. The file DIR/a/b.jpg of the
// extra root NAME has the path /@external/NAME/a/b.jpg.
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// No path of the media root begins with this.
inline constexpr std::string_view kExtraRootsPrefix = "/@external/";

/// A folder of an extra root, as Immich calls it.
struct ImmichFolder {
  std::string path;   ///< in Immich's database: "/libraries/holiday"
  std::string below;  ///< where that is below the root: "2019/holiday"; "" is the root itself
  friend bool operator==(const ImmichFolder&, const ImmichFolder&) = default;
};

struct ExtraRoot {
  std::string name;
  std::string folder;
  /// How Immich's server sees it, if not by the name of `folder`.
  std::vector<ImmichFolder> in_immich = {};
  friend bool operator==(const ExtraRoot&, const ExtraRoot&) = default;
};

/// Parses "NAME=DIR" and "NAME=DIR=IMMICH_PATH", whose third part begins with a slash: DIR holds no
/// "=/". invalid unless NAME has 1 to 64 ASCII letters, digits and . _ - and begins with a letter
/// or a digit, so that it needs no escapes in a path or a pattern, and IMMICH_PATH is a folder
/// below / without "..".
Result<ExtraRoot> parse_extra_root(std::string_view text);

/// "/@external/NAME/"
std::string extra_root_prefix(std::string_view name);

/// The name of a path's extra root. Absent for paths of the media root.
std::optional<std::string_view> extra_root_of(std::string_view path);

}  // namespace ib
