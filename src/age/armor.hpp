// SPDX-License-Identifier: Apache-2.0
//
// Armor, in which an age file is text (https://c2sp.org/age): base64 in lines, between a first and
// a last line that say what it is.
#pragma once

#include "base/result.hpp"

#include <string_view>
#include <vector>

namespace ib {

/// The binary age file in `text`. Takes one spelling of it, as the format demands: lines of 64
/// digits, of which the last may be shorter, that end in LF or CRLF, and whitespace before and
/// after it alone. corrupt if it is none.
Result<std::vector<std::byte>> decode_age_armor(std::string_view text);

}  // namespace ib
