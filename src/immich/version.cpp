// SPDX-License-Identifier: Apache-2.0
#include "immich/version.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace ib {

bool is_release(std::string_view version)
{
  return version.size() > 1 && version.starts_with('v') && version[1] >= '0' && version[1] <= '9' &&
         std::ranges::all_of(version, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.';
         });
}

bool restores_dumps(std::string_view version)
{
  if (!is_release(version)) return false;
  const std::size_t dot = version.find('.');
  if (dot == std::string_view::npos) return false;
  const std::size_t second = std::min(version.find('.', dot + 1), version.size());
  const auto major = parse_number<unsigned>(version.substr(1, dot - 1));
  const auto minor = parse_number<unsigned>(version.substr(dot + 1, second - dot - 1));
  return major && minor && (*major > 2 || (*major == 2 && *minor >= 5));
}

}  // namespace ib
