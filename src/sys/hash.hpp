// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/digest.hpp"

#include <cstdint>
#include <memory>

namespace ib {

/// CRC-32C of `bytes` appended to data whose CRC-32C is `so_far`. Uses the processor's instruction
/// where it has one.
Crc32c crc32c(ByteView bytes, Crc32c so_far = {});

/// SHA-256 of a small thing.
Sha256 sha256(ByteView bytes);

enum class Hashing : std::uint8_t {
  fastest,     ///< SHA-1, SHA-256 and CRC-32C in one loop where the processor has the x86 SHA
               ///< extensions
  by_library,  ///< each by itself: what every other processor does
};

/// Everything that is recorded of a file's content, in one pass over its bytes. One thread at a
/// time.
class ContentHasher {
public:
  explicit ContentHasher(Hashing hashing = Hashing::fastest);
  ContentHasher(ContentHasher&&) noexcept;
  ContentHasher& operator=(ContentHasher&&) noexcept;
  ~ContentHasher();

  void update(ByteView bytes);
  /// The digests of all that was given so far; the hasher starts again from nothing.
  Content finish();

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ib
