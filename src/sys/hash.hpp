// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/digest.hpp"

#include <cstdint>
#include <memory>

namespace ib {

/// The CRC-32C of some data followed by `bytes`. `so_far` is the CRC-32C of that data. Uses the
/// processor's instruction if there is one.
Crc32c crc32c(ByteView bytes, Crc32c so_far = {});

/// The SHA-256 of a few bytes. ContentHasher is for large data.
Sha256 sha256(ByteView bytes);

enum class Hashing : std::uint8_t {
  fastest,  ///< SHA-1, SHA-256 and CRC-32C in one loop if the processor has the x86 SHA extensions
  by_library,  ///< one after the other, as on every other processor
};

/// Computes all digests that the manifest records of a file's content in one pass. One thread at a
/// time.
class ContentHasher {
public:
  explicit ContentHasher(Hashing hashing = Hashing::fastest);
  ContentHasher(ContentHasher&&) noexcept;
  ~ContentHasher();

  void update(ByteView bytes);
  /// The digests of all bytes so far. The hasher starts anew.
  Content finish();

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ib
