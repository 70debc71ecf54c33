// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "sys/hash.hpp"

#include <algorithm>
#include <cstdint>

namespace ib {

/// Passes on what another source gives, and computes the CRC32C of it. Each byte counts once,
/// however often it is read again, so the source must give the same bytes each time. One thread at
/// a time.
class ChecksumSource final : public ByteSource {
public:
  /// `source` stands at its beginning, and must outlive this.
  explicit ChecksumSource(ByteSource& source) : source_(source) {}

  Result<std::size_t> read(std::span<std::byte> buffer) override
  {
    const std::size_t n = TRY(source_.read(buffer));
    const std::uint64_t end = position_ + n;
    if (position_ <= covered_ && end > covered_) {
      const auto known = static_cast<std::size_t>(covered_ - position_);
      crc32c_ = ib::crc32c(ByteView(buffer).first(n).subspan(known), crc32c_);
      covered_ = end;
    }
    position_ = end;
    return n;
  }
  Result<> seek(std::uint64_t offset) override
  {
    TRY(source_.seek(offset));
    position_ = offset;
    return {};
  }

  /// How many bytes from the beginning crc32c() is of.
  std::uint64_t covered() const { return covered_; }
  Crc32c crc32c() const { return crc32c_; }

private:
  ByteSource& source_;
  std::uint64_t position_ = 0;
  std::uint64_t covered_ = 0;
  Crc32c crc32c_;
};

}  // namespace ib
