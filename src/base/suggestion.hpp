// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ib {

/// How many letters a person must insert, delete, replace or swap with their neighbour to turn `a`
/// into `b`.
std::size_t typing_distance(std::string_view a, std::string_view b);

/// The known word that a person who typed `word` may have meant. Empty if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

/// "Did you mean backup?", or "".
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known,
                         std::string_view prefix = "");

}  // namespace ib
