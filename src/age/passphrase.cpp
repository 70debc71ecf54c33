// SPDX-License-Identifier: Apache-2.0
#include "age/passphrase.hpp"

#include "age/primitives.hpp"
#include "base/assert.hpp"
#include "base/text.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kLabel = "age-encryption.org/v1/scrypt";
constexpr std::size_t kSalt = 16;
constexpr std::size_t kTag = ChaCha20Poly1305::kTag;
using Salt = std::array<std::byte, kSalt>;

Result<Secret<32>> wrap_key(const Passphrase& passphrase, const Salt& salt, unsigned work_factor)
{
  std::array<std::byte, kLabel.size() + kSalt> labelled{};
  std::ranges::copy(salt, std::ranges::copy(bytes_of(kLabel), labelled.begin()).out);
  std::optional<Secret<32>> key = scrypt(passphrase.text(), labelled, work_factor);
  if (key) return *key;
  return fail(Errc::io,
              "memory is exhausted: a passphrase of this cost takes " +
                  format_bytes(scrypt_memory(work_factor)),
              "Try it where there is more of it.");
}

/// A decimal number without leading zeros. Empty if it is none.
std::optional<std::uint64_t> parse_work_factor(std::string_view text)
{
  const bool is_decimal = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_decimal || text.starts_with('0')) return std::nullopt;
  return parse_number<std::uint64_t>(text);
}

}  // namespace

Result<Passphrase> Passphrase::of(std::string_view text)
{
  if (text.empty()) return fail(Errc::invalid, "the passphrase is empty");
  if (text.size() > kMost)
    return fail(Errc::invalid,
                "the passphrase is longer than " + format_count(kMost) + " characters");
  Passphrase passphrase;
  std::ranges::copy(bytes_of(text), passphrase.bytes_.bytes.begin());
  passphrase.size_ = text.size();
  return passphrase;
}

Result<AgeStanza> wrap_for_passphrase(const Secret<kAgeFileKey>& file_key,
                                      const Passphrase& passphrase, unsigned work_factor)
{
  IB_ASSERT(work_factor > 0 && work_factor <= kMostAgeWorkFactor);
  Salt salt{};
  fill_at_random(salt);
  AgeStanza stanza;
  stanza.arguments = {std::string(kScryptStanza), to_unpadded_base64(salt),
                      std::to_string(work_factor)};
  stanza.body.resize(kAgeFileKey + kTag);
  // The key is of this stanza alone, so its nonce is always zero.
  ChaCha20Poly1305(TRY(wrap_key(passphrase, salt, work_factor)))
      .seal(ChaCha20Poly1305::Nonce{}, file_key.bytes, stanza.body);
  return stanza;
}

Result<Secret<kAgeFileKey>> unwrap_with_passphrase(const AgeStanza& stanza,
                                                   const AskPassphrase& ask,
                                                   unsigned most_work_factor)
{
  IB_ASSERT(stanza.arguments.front() == kScryptStanza);
  std::vector<std::byte> bytes;
  if (stanza.arguments.size() != 3)
    return malformed_age_header("the stanza of a passphrase does not have three arguments");
  if (!from_unpadded_base64(stanza.arguments[1], bytes) || bytes.size() != kSalt)
    return malformed_age_header("the salt of a passphrase is not 16 bytes in canonical base64");
  const std::optional<std::uint64_t> work_factor = parse_work_factor(stanza.arguments[2]);
  if (!work_factor)
    return malformed_age_header("the work factor of a passphrase is no decimal number above 0");
  if (*work_factor > most_work_factor)
    return malformed_age_header("the work factor of a passphrase is above " +
                                std::to_string(most_work_factor) +
                                ": trying it takes too much time and memory");
  if (stanza.body.size() != kAgeFileKey + kTag)
    return malformed_age_header("the stanza of a passphrase does not have a body of 32 bytes");
  Salt salt{};
  std::ranges::copy(bytes, salt.begin());
  const Passphrase passphrase = TRY(ask());
  Secret<kAgeFileKey> file_key;
  ChaCha20Poly1305 cipher(TRY(wrap_key(passphrase, salt, static_cast<unsigned>(*work_factor))));
  if (!cipher.open(ChaCha20Poly1305::Nonce{}, stanza.body, file_key.bytes))
    return fail(Errc::denied, "the passphrase does not open it",
                "Is it the one of this file, and are capitals and the keyboard's layout right?");
  return file_key;
}

}  // namespace ib
