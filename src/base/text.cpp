// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include "base/digest.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace ib {
namespace {

bool is_continuation(unsigned char c)
{
  return (c & 0xC0U) == 0x80U;
}

}  // namespace

std::string_view trimmed(std::string_view text)
{
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string_view front_of(std::string_view text, std::size_t limit)
{
  if (text.size() <= limit) return text;
  while (limit > 0 && is_continuation(static_cast<unsigned char>(text[limit]))) --limit;
  return text.substr(0, limit);
}

std::size_t utf8_length(std::string_view text)
{
  const auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned c = at(0);
  if (c < 0x80U) return 1;
  const auto tail = [&](std::size_t n) {
    for (std::size_t i = 1; i <= n; ++i) {
      if (!is_continuation(static_cast<unsigned char>(at(i)))) return false;
    }
    return true;
  };
  if (c >= 0xC2U && c <= 0xDFU) return tail(1) ? 2 : 0;
  if (c >= 0xE0U && c <= 0xEFU) {
    if ((c == 0xE0U && at(1) < 0xA0U) || (c == 0xEDU && at(1) > 0x9FU)) return 0;
    return tail(2) ? 3 : 0;
  }
  if (c >= 0xF0U && c <= 0xF4U) {
    if ((c == 0xF0U && at(1) < 0x90U) || (c == 0xF4U && at(1) > 0x8FU)) return 0;
    return tail(3) ? 4 : 0;
  }
  return 0;
}

std::string format_bytes(std::uint64_t bytes)
{
  constexpr std::array<const char*, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  const int n = unit > 0 && value < 9.95
                    ? std::snprintf(text.data(), text.size(), "%.1f %s", value, kUnits.at(unit))
                    : std::snprintf(text.data(), text.size(), "%.0f %s", value, kUnits.at(unit));
  return {text.data(), static_cast<std::size_t>(n)};
}

std::string format_count(std::uint64_t count)
{
  std::string digits = std::to_string(count);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string count_of(std::uint64_t count, std::string_view singular, std::string_view plural)
{
  return format_count(count) + " " + std::string(count == 1 ? singular : plural);
}

template <class Number>
std::optional<Number> parse_number(std::string_view text)
{
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template std::optional<int> parse_number(std::string_view);
template std::optional<std::int64_t> parse_number(std::string_view);
template std::optional<std::uint32_t> parse_number(std::string_view);
template std::optional<std::uint64_t> parse_number(std::string_view);
template std::optional<double> parse_number(std::string_view);

std::string printable(std::string_view name)
{
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  out.reserve(name.size());
  while (!name.empty()) {
    const auto c = static_cast<unsigned char>(name.front());
    std::size_t length = utf8_length(name);
    // U+0080 to U+009F are control characters, too.
    const bool control = c < 0x20U || c == 0x7FU ||
                         (length == 2 && c == 0xC2U && static_cast<unsigned char>(name[1]) < 0xA0U);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\\') {
      out += "\\\\";
    } else if (length == 0 || control) {
      length = length == 0 ? 1 : length;
      for (const char byte : name.substr(0, length)) {
        out += "\\x";
        out += kHex[static_cast<unsigned char>(byte) >> 4U];
        out += kHex[static_cast<unsigned char>(byte) & 15U];
      }
    } else {
      out += name.substr(0, length);
    }
    name.remove_prefix(length);
  }
  return out;
}

std::string shell_quoted(std::string_view name)
{
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@%=:,";
  const bool is_plain = name.find_first_not_of(kPlain) == std::string_view::npos;
  if (is_plain && !name.empty()) return std::string(name);
  // Whether single quotes will do: a terminal shows all of it, backslashes too. The bytes on both
  // sides of one make no character together.
  bool is_shown = true;
  for (std::string_view rest = name; is_shown && !rest.empty();) {
    const std::string_view piece = rest.substr(0, rest.find('\\'));
    is_shown = printable(piece) == piece;
    rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
  }
  if (!is_shown) return shell_escaped(name);
  std::string word;
  for (const char c : name) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return "'" + word + "'";
}

std::string shell_escaped(std::string_view name)
{
  std::string word;
  for (const char c : name) {
    if (c == '\'' || c == '\\') {
      word += '\\';
      word += c;
    } else if (c >= ' ' && c <= '~') {
      word += c;
    } else {
      const std::byte byte{static_cast<unsigned char>(c)};
      // Always three octal digits, so that a digit that follows is not taken for a part of the
      // number.
      const auto value = std::to_integer<unsigned>(byte);
      word += '\\';
      for (const unsigned shift : {6U, 3U, 0U})
        word += static_cast<char>('0' + ((value >> shift) & 7U));
    }
  }
  return "$'" + word + "'";
}

std::string wrapped(std::string_view text, std::size_t column, std::size_t indent,
                    std::size_t width)
{
  constexpr std::string_view kSpace = " \n";
  std::string out;
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    if (text.empty()) return out;
    const std::string_view word = text.substr(0, text.find_first_of(kSpace));
    if (column > indent && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!out.empty()) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text.remove_prefix(word.size());
  }
}

bool is_valid_utf8(std::string_view text)
{
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string to_utf8(std::string_view text)
{
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& texts, std::string_view between)
{
  std::string all;
  for (const std::string& text : texts) {
    if (&text != &texts.front()) all += between;
    all += text;
  }
  return all;
}

std::string escape_bytes(std::string_view bytes)
{
  std::string text;
  for (const char c : bytes) {
    if (c > ' ' && c <= '~' && c != '%') {
      text += c;
    } else {
      const std::byte byte{static_cast<unsigned char>(c)};
      text += "%" + to_hex({&byte, 1});
    }
  }
  return text;
}

std::string unescape_bytes(std::string_view text)
{
  std::string bytes;
  while (!text.empty()) {
    std::byte byte{};
    if (text.front() == '%' && text.size() >= 3 && from_hex(text.substr(1, 2), {&byte, 1})) {
      bytes += static_cast<char>(byte);
      text.remove_prefix(3);
    } else {
      bytes += text.front();
      text.remove_prefix(1);
    }
  }
  return bytes;
}

}  // namespace ib
