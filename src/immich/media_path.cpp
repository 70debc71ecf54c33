// SPDX-License-Identifier: Apache-2.0
#include "immich/media_path.hpp"

namespace ib {

std::optional<std::string> below_media_root(std::string_view path, std::string_view media_location)
{
  while (media_location.ends_with('/')) media_location.remove_suffix(1);
  // Tries the server's record first, then the default since 1.137, the one before, and the one
  // relative to its working folder before 1.136.
  for (const std::string_view root :
       {media_location, std::string_view("/data"), std::string_view("/usr/src/app/upload"),
        std::string_view("upload")}) {
    if (root.empty() || !path.starts_with(root)) continue;
    const std::string_view below = path.substr(root.size());
    if (below.size() > 1 && below.front() == '/') return std::string(below);
  }
  return std::nullopt;
}

}  // namespace ib
