// SPDX-License-Identifier: Apache-2.0
#include "age/header.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace ib {
namespace {

constexpr std::string_view kMagic = "age-encryption.org/";
constexpr std::string_view kVersionLine = "age-encryption.org/v1";
constexpr std::string_view kArmor = "-----BEGIN AGE ENCRYPTED FILE-----";
constexpr std::string_view kStanzaMark = "-> ";
constexpr std::size_t kFirstLine = 64;  // longer is no version line
constexpr std::size_t kBodyLine = 64;
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::unexpected<Error> no_age_file(std::string_view text)
{
  if (text.empty()) return fail(Errc::corrupt, "is empty: no age file");
  if (is_armored_age_file(text))
    return fail(Errc::corrupt, "is an age file in armor, that is, as text",
                "Only binary age files are read: `age -d` reads either.");
  if (is_age_file(text))
    return fail(Errc::corrupt, "is an age file of another version than v1",
                "A newer version of this program may read it.");
  return fail(Errc::corrupt, "is no age file", "It is not encrypted, or it is damaged.");
}

/// Takes the next line, without its newline. Empty optional where no newline follows.
std::optional<std::string_view> next_line(std::string_view& text)
{
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Result<std::vector<std::string>> parse_arguments(std::string_view line)
{
  std::vector<std::string> arguments;
  line.remove_prefix(kStanzaMark.size());
  for (;;) {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view argument = line.substr(0, end);
    if (argument.empty()) return malformed_age_header("a stanza has an empty argument");
    if (std::ranges::any_of(argument, [](char c) { return c < '!' || c > '~'; }))
      return malformed_age_header("a stanza has a character that may not be there");
    arguments.emplace_back(argument);
    if (end == line.size()) return arguments;
    line.remove_prefix(end + 1);
  }
}

/// The lines after a stanza's first.
Result<std::vector<std::byte>> parse_body(std::string_view& text)
{
  std::vector<std::byte> body;
  for (;;) {
    const std::optional<std::string_view> line = next_line(text);
    if (!line) return malformed_age_header("a stanza does not end");
    if (line->size() > kBodyLine) return malformed_age_header("a line of a stanza is too long");
    std::vector<std::byte> part;
    // 64 digits are 48 bytes, so each line is decoded by itself.
    if (!from_unpadded_base64(*line, part))
      return malformed_age_header("a stanza's body is not canonical base64");
    body.insert(body.end(), part.begin(), part.end());
    if (line->size() < kBodyLine) return body;
  }
}

Result<Sha256> parse_mac(std::string_view line)
{
  std::vector<std::byte> bytes;
  line.remove_prefix(kAgeMacMark.size());
  Sha256 mac;
  if (!line.starts_with(' ') || !from_unpadded_base64(line.substr(1), bytes) ||
      bytes.size() != mac.bytes.size())
    return malformed_age_header("its MAC is not 32 bytes in canonical base64");
  std::ranges::copy(bytes, mac.bytes.begin());
  return mac;
}

}  // namespace

bool is_age_file(std::string_view text)
{
  return text.starts_with(kMagic);
}

bool is_armored_age_file(std::string_view text)
{
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size())).starts_with(kArmor);
}

std::string to_unpadded_base64(ByteView bytes)
{
  std::string text = to_base64(bytes);
  text.erase(std::min(text.find('='), text.size()));
  return text;
}

bool from_unpadded_base64(std::string_view text, std::vector<std::byte>& bytes)
{
  bytes.clear();
  unsigned bits = 0;
  unsigned waiting = 0;
  for (const char c : text) {
    const std::size_t digit = kBase64.find(c);
    if (digit == std::string_view::npos) return false;
    bits = (bits << 6U | static_cast<unsigned>(digit)) & 0xfffU;
    waiting += 6;
    if (waiting < 8) continue;
    waiting -= 8;
    bytes.push_back(static_cast<std::byte>(bits >> waiting & 0xffU));
  }
  // What is left is the padding of the last digit, and zero. Six bits are a digit too many.
  return waiting < 6 && (bits & ((1U << waiting) - 1)) == 0;
}

std::string format_age_stanzas(const std::vector<AgeStanza>& stanzas)
{
  std::string text = std::string(kVersionLine) + '\n';
  for (const AgeStanza& stanza : stanzas) {
    text += "->";
    for (const std::string& argument : stanza.arguments) text += ' ' + argument;
    text += '\n';
    const std::string body = to_unpadded_base64(stanza.body);
    // The last line is shorter than the others, so it may be empty.
    for (std::size_t at = 0; at <= body.size(); at += kBodyLine)
      text += body.substr(at, kBodyLine) + '\n';
  }
  return text;
}

std::unexpected<Error> malformed_age_header(std::string_view what)
{
  return fail(Errc::corrupt, "its age header is malformed: " + std::string(what),
              "It is damaged, or nobody has made it with age.");
}

Result<AgeHeader> parse_age_header(std::string_view text)
{
  const std::string_view whole = text;
  const std::optional<std::string_view> version = next_line(text);
  if (version != kVersionLine) return no_age_file(whole);
  AgeHeader header;
  while (text.starts_with(kStanzaMark)) {
    if (header.stanzas.size() == kMostAgeStanzas)
      return malformed_age_header("it has more than " + std::to_string(kMostAgeStanzas) +
                                  " stanzas");
    const std::optional<std::string_view> line = next_line(text);
    if (!line) return malformed_age_header("a stanza does not end");
    AgeStanza stanza;
    stanza.arguments = TRY(parse_arguments(*line));
    stanza.body = TRY(parse_body(text));
    header.stanzas.push_back(std::move(stanza));
  }
  if (!text.starts_with(kAgeMacMark))
    return malformed_age_header("a line is neither a stanza's nor the MAC's");
  if (header.stanzas.empty()) return malformed_age_header("it has no stanza");
  header.covered = whole.substr(0, whole.size() - text.size() + kAgeMacMark.size());
  const std::optional<std::string_view> line = next_line(text);
  if (!line || !text.empty()) return malformed_age_header("it does not end with its MAC");
  header.mac = TRY(parse_mac(*line));
  return header;
}

Result<> AgeHeaderReader::require_version() const
{
  if (text_.starts_with(std::string(kVersionLine) + '\n')) return {};
  return no_age_file(text_);
}

Result<bool> AgeHeaderReader::take(ByteView& bytes)
{
  IB_ASSERT(!is_whole_);
  while (!bytes.empty()) {
    std::string_view more = text_of(bytes);
    const std::size_t limit = (line_ == 0 ? kFirstLine : kMostAgeHeader) - text_.size();
    more = more.substr(0, std::min(std::min(more.find('\n'), more.size() - 1) + 1, limit));
    text_ += more;
    bytes = bytes.subspan(more.size());
    const bool ends = text_.ends_with('\n');
    if (line_ == 0 && (ends || text_.size() == kFirstLine)) {
      TRY(require_version());
    } else if (ends && std::string_view(text_).substr(line_).starts_with(kAgeMacMark)) {
      is_whole_ = true;
      return true;
    } else if (text_.size() == kMostAgeHeader) {
      return malformed_age_header("it is longer than " + format_bytes(kMostAgeHeader));
    }
    if (ends) line_ = text_.size();
  }
  return false;
}

std::unexpected<Error> AgeHeaderReader::cut_short() const
{
  if (line_ == 0) {
    // What is there may be the beginning of a version line.
    const bool is_beginning = !text_.empty() && kVersionLine.starts_with(text_);
    if (!is_beginning) return no_age_file(text_);
  }
  return fail(Errc::corrupt, "is cut short within its age header");
}

}  // namespace ib
