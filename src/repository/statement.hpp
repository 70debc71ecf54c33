// SPDX-License-Identifier: Apache-2.0
//
// What is signed, tagged or named with a key: a list of texts as bytes.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace ib {

/// Each text with its length before it ("2:ab1:c"), so that no two lists have the same bytes.
inline std::string joined_parts(std::initializer_list<std::string_view> parts)
{
  std::string bytes;
  for (const std::string_view part : parts) {
    bytes += std::to_string(part.size());
    bytes += ':';
    bytes += part;
  }
  return bytes;
}

}  // namespace ib
