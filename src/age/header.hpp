// SPDX-License-Identifier: Apache-2.0
//
// The header of an age file, as text: a version line, stanzas, and a MAC. Anybody may have written
// it, so it has limits: kMostHeader bytes and kMostStanzas stanzas.
#pragma once

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ib {

inline constexpr std::size_t kMostAgeHeader = std::size_t{64} * 1024;
inline constexpr std::size_t kMostAgeStanzas = 256;

/// What wraps the file key for one recipient.
struct AgeStanza {
  std::vector<std::string> arguments;  ///< the first is the recipient's kind; at least one
  std::vector<std::byte> body;
};

struct AgeHeader {
  std::vector<AgeStanza> stanzas;  ///< at least one
  Sha256 mac;
  std::string_view covered;  ///< by the MAC; in the text that was parsed
};

/// Whether `text` begins like an age file of any version.
bool is_age_file(std::string_view text);
/// Whether it begins like one in armor (`age --armor`), maybe after spaces.
bool is_armored_age_file(std::string_view text);

/// Base64 without padding, as in headers.
std::string to_unpadded_base64(ByteView bytes);
/// The inverse. False unless `text` is the one that to_unpadded_base64() makes.
bool from_unpadded_base64(std::string_view text, std::vector<std::byte>& bytes);

/// The version line and the stanzas, up to where the MAC's line begins.
std::string format_age_stanzas(const std::vector<AgeStanza>& stanzas);
/// What the MAC covers begins with the version line and ends with this, which begins its line.
inline constexpr std::string_view kAgeMacMark = "---";

/// What is wrong with a header, in its own words.
std::unexpected<Error> malformed_age_header(std::string_view what);

/// Parses a whole header. corrupt if it is none, and then the message says why.
Result<AgeHeader> parse_age_header(std::string_view text);

/// Finds the header at the front of a stream. One thread at a time.
class AgeHeaderReader {
public:
  /// Takes the header's bytes off the front of `bytes`. True once it is whole; then text() has it,
  /// and the rest is the payload's. corrupt as soon as it is clear that there is no header.
  Result<bool> take(ByteView& bytes);
  const std::string& text() const { return text_; }
  /// Why the stream ended before the header did.
  std::unexpected<Error> cut_short() const;

private:
  Result<> require_version() const;

  std::string text_;
  std::size_t line_ = 0;  // where the current line begins
  bool is_whole_ = false;
};

}  // namespace ib
