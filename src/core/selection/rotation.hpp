// SPDX-License-Identifier: Apache-2.0
//
// Which files are read back this time, so that in the end each has been: decided by path and date
// alone, so that nothing has to be remembered from one time to the next.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <string_view>

namespace ib {

struct Rotation {
  std::uint64_t parts = 1;  ///< the library is divided into so many parts,
  std::uint64_t part = 0;   ///< of which this one is due,
  std::uint64_t round = 0;  ///< for the so-manieth time;
  double affordable = 1;    ///< and of it so much, another choice in each round

  /// Another part each week (from Monday, UTC), all of them within `parts` weeks.
  static Rotation at(Timestamp now, std::uint64_t parts);

  bool is_due(std::string_view path) const;
  /// Whether it is due, and among what can be afforded.
  bool chooses(std::string_view path) const;
};

}  // namespace ib
