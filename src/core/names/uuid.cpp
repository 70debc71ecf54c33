// SPDX-License-Identifier: Apache-2.0
#include "core/names/uuid.hpp"

#include <array>

namespace ib {

std::optional<Uuid> parse_uuid(std::string_view text)
{
  constexpr std::size_t kSize = 36;
  if (text.size() != kSize) return std::nullopt;
  std::array<char, 2 * Uuid::kSize> digits;
  std::size_t count = 0;
  for (std::size_t i = 0; i < kSize; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (!dash) digits.at(count++) = text[i];
  }
  Uuid id;
  if (!from_hex({digits.data(), digits.size()}, id.bytes)) return std::nullopt;
  return id;
}

std::string to_text(const Uuid& id)
{
  std::string text = id.hex();
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

}  // namespace ib
