// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/selection/rotation.hpp"

#include <cstdint>
#include <string_view>

namespace ib {

/// One of the parts of a library that several machines back up at the same time. A file's path
/// alone decides its part, so every machine agrees.
struct Shard {
  std::uint64_t parts = 1;
  std::uint64_t part = 0;  ///< counted from 0, as Kubernetes does

  bool holds(std::string_view path) const
  {
    return Rotation{.parts = parts, .part = part}.is_due(path);
  }
};

}  // namespace ib
