// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace ib {

/// Bytes that are read as they are needed. Used by one thread.
class ByteSource {
public:
  virtual ~ByteSource() = default;
  /// Fills `buffer`, or less at the end; 0 at the end.
  virtual Result<std::size_t> read(std::span<std::byte> buffer) = 0;
  /// Goes to a position, for another attempt.
  virtual Result<> seek(std::uint64_t offset) = 0;
};

/// Bytes in memory, which must outlive the source.
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
