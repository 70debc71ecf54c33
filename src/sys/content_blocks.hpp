// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace ib {

/// SHA-1, SHA-256 and CRC-32C of the same bytes in one loop, for processors with the x86 SHA
/// extensions. Each of the three is a chain of dependent instructions, which leaves most of the
/// processor idle. Together they take hardly longer than SHA-256 alone.
///
/// Takes whole blocks only. The caller does the padding and counts the bytes. Only ContentHasher
/// uses this.
struct ContentBlocks {
  static constexpr std::size_t kBlock = 64;

  std::array<std::uint32_t, 5> sha1 = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  std::array<std::uint32_t, 8> sha256 = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                         0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
  std::uint32_t crc32c = 0xFFFFFFFF;  ///< inverted, as the algorithm keeps it between blocks

  /// Whether this processor has the instructions. Without them update() must not be called.
  static bool supported();
  /// The length of `blocks` must be a multiple of kBlock.
  void update(ByteView blocks);
};

}  // namespace ib
