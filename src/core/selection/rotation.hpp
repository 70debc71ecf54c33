// SPDX-License-Identifier: Apache-2.0
// Chooses the files to read back this time, so that each file has its turn. The choice depends only
// on path and date, so nothing has to be remembered.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <string_view>

namespace ib {

struct Rotation {
  std::uint64_t parts = 1;  ///< the library is divided into so many parts
  std::uint64_t part = 0;   ///< the part that is due
  std::uint64_t round = 0;  ///< the number of this round through all parts
  double affordable = 1;    ///< the share of the part that is affordable; each round chooses others

  /// Another part is due each week (from Monday, UTC). Each part is due once within `parts` weeks.
  static Rotation at(Timestamp now, std::uint64_t parts);

  bool is_due(std::string_view path) const;
  /// Whether the path is due and in the affordable share.
  bool chooses(std::string_view path) const;
};

}  // namespace ib
