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

/// Fills `out` from exactly 2 * out.size() hexadecimal digits of either case.
bool from_hex(std::string_view hex, std::span<std::byte> out);

/// A digest of N bytes. The tag keeps a SHA-1 from being passed where a SHA-256 is meant.
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

/// The name and extent of one content: what a file's bytes are, wherever they lie.
///
/// SHA-256 and size are always known. What was recorded by the program's predecessor lacks the
/// others until the file has been read once; such a content equals none that is known in whole: ask
/// agrees_with().
struct Content {
  Sha256 sha256;
  Sha1 sha1;
  Crc32c crc32c;
  std::uint64_t size = 0;
  bool has_sha1 = true;
  bool has_crc32c = true;
  friend bool operator==(const Content&, const Content&) = default;

  bool is_whole() const { return has_sha1 && has_crc32c; }
  /// Whether `read`, which is whole, is this content as far as this is known.
  bool agrees_with(const Content& read) const
  {
    return sha256 == read.sha256 && size == read.size && (!has_sha1 || sha1 == read.sha1) &&
           (!has_crc32c || crc32c == read.crc32c);
  }
};

}  // namespace ib
