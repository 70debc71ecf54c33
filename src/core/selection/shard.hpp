// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/selection/rotation.hpp"

#include <cstdint>
#include <string_view>

namespace ib {

/// One of the parts into which machines that work at the same time divide a library. Which part a
/// file belongs to follows from its path alone, the same on every machine.
struct Shard {
  std::uint64_t parts = 1;
  std::uint64_t part = 0;  ///< of them, from 0 as Kubernetes counts

  bool holds(std::string_view path) const
  {
    return Rotation{.parts = parts, .part = part}.is_due(path);
  }
};

}  // namespace ib
