// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include <algorithm>

namespace ib {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(std::span<const std::byte> bytes)
{
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    hex += kHexDigits[std::to_integer<unsigned>(b) >> 4U];
    hex += kHexDigits[std::to_integer<unsigned>(b) & 15U];
  }
  return hex;
}

bool from_hex(std::string_view hex, std::span<std::byte> out)
{
  if (hex.size() != out.size() * 2) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(hex[2 * i]);
    const int low = hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::byte>(high * 16 + low);
  }
  return true;
}

std::string to_base64(std::span<const std::byte> bytes)
{
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (k < n ? std::to_integer<unsigned>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= n ? kBase64[group >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return text;
}

std::string Crc32c::base64() const
{
  const std::array<std::byte, 4> big_endian{
      static_cast<std::byte>(value >> 24U), static_cast<std::byte>(value >> 16U),
      static_cast<std::byte>(value >> 8U), static_cast<std::byte>(value)};
  return to_base64(big_endian);
}

Result<Crc32c> Crc32c::parse_base64(std::string_view text)
{
  const auto malformed = [&] {
    return fail(Errc::corrupt, "not a CRC32C: '" + std::string(text) + "'");
  };
  if (text.size() != 8 || !text.ends_with("==")) return malformed();
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    const std::size_t digit = kBase64.find(text[i]);
    if (digit == std::string_view::npos) return malformed();
    bits = bits << 6U | digit;
  }
  if ((bits & 15U) != 0) return malformed();  // six digits are 36 bits; the last four are padding
  return Crc32c{static_cast<std::uint32_t>(bits >> 4U)};
}

}  // namespace ib
