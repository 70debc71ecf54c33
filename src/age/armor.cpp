// SPDX-License-Identifier: Apache-2.0
#include "age/armor.hpp"

#include "age/header.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace ib {
namespace {

constexpr std::string_view kFirstLine = "-----BEGIN AGE ENCRYPTED FILE-----";
constexpr std::string_view kLastLine = "-----END AGE ENCRYPTED FILE-----";
constexpr std::string_view kWhitespace = " \t\r\n";
constexpr std::size_t kLine = 64;

std::unexpected<Error> malformed(std::string_view what)
{
  return fail(Errc::corrupt, "its armor is malformed: " + std::string(what),
              "It is damaged, or nobody has made it with age.");
}

/// Takes the next line without its end. The last may have none.
std::string_view next_line(std::string_view& text)
{
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Whole groups of four digits, of which the last may end with up to two of padding.
bool from_padded_base64(std::string_view text, std::vector<std::byte>& bytes)
{
  if (text.size() % 4 != 0) return false;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return from_unpadded_base64(text, bytes);
}

}  // namespace

Result<std::vector<std::byte>> decode_age_armor(std::string_view text)
{
  text.remove_prefix(std::min(text.find_first_not_of(kWhitespace), text.size()));
  if (next_line(text) != kFirstLine) return malformed("its first line is another");
  std::vector<std::byte> file;
  bool has_ended = false;
  for (;;) {
    if (text.empty()) return malformed("its last line is missing");
    const std::string_view line = next_line(text);
    if (line == kLastLine) break;
    if (has_ended) return malformed("a line is not of 64 digits, and is not the last");
    std::vector<std::byte> part;
    if (line.empty() || line.size() > kLine || !from_padded_base64(line, part))
      return malformed("a line is not canonical base64 of at most 64 digits");
    has_ended = line.size() < kLine || line.ends_with('=');
    file.insert(file.end(), part.begin(), part.end());
  }
  if (text.find_first_not_of(kWhitespace) != std::string_view::npos)
    return malformed("something follows its last line");
  return file;
}

}  // namespace ib
