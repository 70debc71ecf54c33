// SPDX-License-Identifier: Apache-2.0
#include "age/bech32.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace ib {
namespace {

constexpr std::string_view kDigits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kDataDigits = 52;  // 32 bytes and four bits that are zero
constexpr std::size_t kChecksumDigits = 6;

char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The checksum of BIP 173, a code over numbers of five bits.
class Checksum {
public:
  explicit Checksum(std::string_view prefix)
  {
    for (const char c : prefix) add(static_cast<unsigned char>(c) >> 5U);
    add(0);
    for (const char c : prefix) add(static_cast<unsigned char>(c) & 31U);
  }
  void add(unsigned digit)
  {
    constexpr std::array<std::uint32_t, 5> kGenerator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                                      0x3d4233dd, 0x2a1462b3};
    const std::uint32_t top = value_ >> 25U;
    value_ = (value_ & 0x1ffffffU) << 5U ^ digit;
    for (std::size_t i = 0; i < kGenerator.size(); ++i)
      if ((top >> i & 1U) != 0) value_ ^= kGenerator.at(i);
  }
  std::uint32_t value() const { return value_; }

private:
  std::uint32_t value_ = 1;
};

using Digits = Secret<kDataDigits + kChecksumDigits>;

/// Five bits each. The digits after the prefix, or an error.
Result<Digits> read_digits(std::string_view text)
{
  if (text.size() != kDataDigits + kChecksumDigits)
    return fail(Errc::invalid, text.size() < kDataDigits + kChecksumDigits
                                   ? "characters are missing"
                                   : "there are too many characters");
  Digits digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digit = kDigits.find(lower(text[i]));
    if (digit == std::string_view::npos) return fail(Errc::invalid, "a character occurs in no key");
    digits.bytes.at(i) = static_cast<std::byte>(digit);
  }
  return digits;
}

bool is_of_one_case(std::string_view text)
{
  return std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; }) ||
         std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

bool has_bech32_prefix(std::string_view text, std::string_view prefix)
{
  return text.size() > prefix.size() && text[prefix.size()] == '1' &&
         std::ranges::equal(text.substr(0, prefix.size()), prefix, {}, lower, lower);
}

std::string encode_bech32(std::string_view prefix, std::span<const std::byte, 32> bytes)
{
  std::string text(prefix);
  text += '1';
  Checksum checksum(prefix);
  unsigned bits = 0;
  unsigned waiting = 0;
  const auto add = [&](unsigned digit) {
    checksum.add(digit);
    text += kDigits[digit];
  };
  text.reserve(text.size() + kDataDigits + kChecksumDigits);
  for (const std::byte byte : bytes) {
    bits = (bits << 8U | std::to_integer<unsigned>(byte)) & 0xfffU;
    for (waiting += 8; waiting >= 5; waiting -= 5) add(bits >> (waiting - 5) & 31U);
  }
  add(bits << (5 - waiting) & 31U);  // 32 bytes leave one bit
  for (std::size_t i = 0; i < kChecksumDigits; ++i) checksum.add(0);
  const std::uint32_t code = checksum.value() ^ 1U;
  for (std::size_t i = 0; i < kChecksumDigits; ++i)
    text += kDigits[code >> 5 * (kChecksumDigits - 1 - i) & 31U];
  return text;
}

Result<Secret<32>> decode_bech32(std::string_view prefix, std::string_view text)
{
  if (!has_bech32_prefix(text, prefix)) return fail(Errc::invalid, "its beginning is another");
  if (!is_of_one_case(text))
    return fail(Errc::invalid, "its letters are not all capitals, or all small");
  const Digits digits = TRY(read_digits(text.substr(prefix.size() + 1)));
  Checksum checksum(prefix);
  for (const std::byte digit : digits.bytes) checksum.add(std::to_integer<unsigned>(digit));
  if (checksum.value() != 1) return fail(Errc::invalid, "its checksum is wrong");

  Secret<32> key;
  unsigned bits = 0;
  unsigned waiting = 0;
  std::size_t written = 0;
  for (std::size_t i = 0; i < kDataDigits; ++i) {
    bits = (bits << 5U | std::to_integer<unsigned>(digits.bytes.at(i))) & 0xfffU;
    waiting += 5;
    if (waiting < 8) continue;
    waiting -= 8;
    key.bytes.at(written++) = static_cast<std::byte>(bits >> waiting & 0xffU);
  }
  IB_ASSERT(written == key.bytes.size() && waiting == 4);
  if ((bits & 15U) != 0) return fail(Errc::invalid, "its last bits are not zero");
  return key;
}

}  // namespace ib
