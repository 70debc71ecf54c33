// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ib {

/// How many letters have to be typed, left out, replaced or swapped with their neighbour to make
/// `a` of `b`.
std::size_t typing_distance(std::string_view a, std::string_view b);

/// What somebody who typed `word` may have meant; empty if nothing is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

/// "Did you mean backup?", or "".
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known,
                         std::string_view prefix = "");

}  // namespace ib
