// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ib {

/// Lower-case hexadecimal.
std::string to_hex(std::span<const std::byte> bytes);

/// Fills `out` from exactly 2 * out.size() hexadecimal digits, in either case.
bool from_hex(std::string_view hex, std::span<std::byte> out);

/// A digest of N bytes. The tag is there so that nobody passes a SHA-1 for a SHA-256.
template <class Tag, std::size_t N>
struct Digest {
  static constexpr std::size_t kSize = N;
  std::array<std::byte, N> bytes{};

  std::string hex() const { return to_hex(bytes); }
  friend auto operator<=>(const Digest&, const Digest&) = default;

  static Result<Digest> parse(std::string_view hex)
  {
    Digest digest;
    if (!from_hex(hex, digest.bytes))
      return fail(Errc::corrupt, "not a digest: '" + std::string(hex) + "'");
    return digest;
  }
};

using Sha256 = Digest<struct Sha256Tag, 32>;
using Sha1 = Digest<struct Sha1Tag, 20>;

/// CRC-32C (Castagnoli), the checksum that Google Cloud Storage keeps for every object.
struct Crc32c {
  std::uint32_t value = 0;
  friend auto operator<=>(const Crc32c&, const Crc32c&) = default;

  /// Big-endian base64, as in GCS's JSON: "yZRlqg==".
  std::string base64() const;
  static Result<Crc32c> parse_base64(std::string_view text);
};

std::string to_base64(std::span<const std::byte> bytes);

/// Identifies some bytes, wherever they lie.
///
/// SHA-256 and size are always known. Manifests of version 2.0 do not hold the other two, so they
/// are unknown until the file has been read once. operator== is false between such a content and a
/// whole one: use agrees_with().
struct Content {
  Sha256 sha256;
  Sha1 sha1;
  Crc32c crc32c;
  std::uint64_t size = 0;
  bool has_sha1 = true;
  bool has_crc32c = true;
  friend bool operator==(const Content&, const Content&) = default;

  bool is_whole() const { return has_sha1 && has_crc32c; }
  /// Whether `read` matches everything that is known of this content. `read` must be whole.
  bool agrees_with(const Content& read) const
  {
    return sha256 == read.sha256 && size == read.size && (!has_sha1 || sha1 == read.sha1) &&
           (!has_crc32c || crc32c == read.crc32c);
  }
};

}  // namespace ib
