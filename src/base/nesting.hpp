// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace ib {

/// No JSON that this program reads nests arrays and objects nearly so deep.
inline constexpr std::size_t kDeepestJson = 64;

/// Whether a text of JSON nests arrays and objects deeper than `most`. Foreign JSON that does is
/// not parsed: each level costs memory many times its one byte, and whatever walks the levels by
/// recursion runs out of stack. Of a text that is no JSON, the answer means nothing.
bool nests_deeper(std::string_view json, std::size_t most = kDeepestJson);

}  // namespace ib
