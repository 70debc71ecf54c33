// SPDX-License-Identifier: Apache-2.0
#include "core/names/unicode.hpp"

#include "base/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace ib {
namespace {

// Sorting the marks of one letter takes time with the square of their number.
constexpr std::size_t kLongest = 4096;

utf8proc_int32_t with_usual_space(utf8proc_int32_t character, void* /*unused*/)
{
  return utf8proc_category(character) == UTF8PROC_CATEGORY_ZS ? ' ' : character;
}

utf8proc_int32_t unchanged(utf8proc_int32_t character, void* /*unused*/)
{
  return character;
}

/// `text` must be valid UTF-8.
std::string mapped(std::string_view text, int options, utf8proc_custom_func each)
{
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t size = utf8proc_map_custom(
      reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
      static_cast<utf8proc_ssize_t>(text.size()), &out,
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | options), each, nullptr);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, &std::free);
  if (size < 0) return std::string(text);
  return {reinterpret_cast<const char*>(out), static_cast<std::size_t>(size)};
}

/// Maps what is UTF-8, and keeps each other byte.
std::string mapped_where_utf8(std::string_view text, int options, utf8proc_custom_func each)
{
  if (text.size() > kLongest) return std::string(text);
  std::string out;
  while (!text.empty()) {
    std::size_t valid = 0;
    while (valid < text.size()) {
      const std::size_t length = utf8_length(text.substr(valid));
      if (length == 0) break;
      valid += length;
    }
    if (valid > 0) out += mapped(text.substr(0, valid), options, each);
    text.remove_prefix(valid);
    const std::size_t other = text.empty() ? 0 : 1;
    out += text.substr(0, other);
    text.remove_prefix(other);
  }
  return out;
}

}  // namespace

std::string composed(std::string_view text)
{
  // Below U+0300, whose first byte this is, every text is composed.
  constexpr unsigned char kFirstMark = 0xCC;
  const auto is_simple = [](char c) { return static_cast<unsigned char>(c) < kFirstMark; };
  if (std::ranges::all_of(text, is_simple)) return std::string(text);
  return mapped_where_utf8(text, 0, unchanged);
}

std::string folded(std::string_view text)
{
  return mapped_where_utf8(text, UTF8PROC_CASEFOLD, with_usual_space);
}

bool read_the_same(std::string_view a, std::string_view b)
{
  return folded(a) == folded(b);
}

}  // namespace ib
