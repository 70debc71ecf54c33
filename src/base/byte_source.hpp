// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace ib {

/// Bytes that are read on demand. Only one thread uses a source.
class ByteSource {
public:
  virtual ~ByteSource() = default;
  /// Fills `buffer`, or a part of it at the end. Returns 0 at the end.
  virtual Result<std::size_t> read(std::span<std::byte> buffer) = 0;
  /// Moves to a position, so that another attempt can read again.
  virtual Result<> seek(std::uint64_t offset) = 0;
};

/// Bytes in memory. They must outlive the source.
class MemorySource final : public ByteSource {
public:
  explicit MemorySource(ByteView bytes) : bytes_(bytes) {}
  Result<std::size_t> read(std::span<std::byte> buffer) override;
  Result<> seek(std::uint64_t offset) override;

private:
  ByteView bytes_;
  std::size_t position_ = 0;
};

}  // namespace ib
