// SPDX-License-Identifier: Apache-2.0
#include "core/names/clean_path.hpp"

#include <algorithm>

namespace ib {

std::optional<std::string> clean_path(std::string_view path)
{
  std::string out;
  const bool absolute = path.starts_with('/');
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part == "..") return std::nullopt;
    if (part.empty() || part == ".") continue;
    if (absolute || !out.empty()) out += '/';
    out += part;
  }
  return out;
}

}  // namespace ib
