// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace ib {

/// Overwrites the bytes with zeros, also where nobody reads them any more.
void wipe(std::span<std::byte> bytes);

/// N secret bytes. They are wiped when they go; so is each copy.
template <std::size_t N>
struct Secret {
  std::array<std::byte, N> bytes{};

  Secret() = default;
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { wipe(bytes); }
};

}  // namespace ib
