// SPDX-License-Identifier: Apache-2.0
//
// Age files in memory, and headers that age would not write.
#pragma once

#include "age/decryption.hpp"
#include "age/encryption.hpp"
#include "age/header.hpp"
#include "age/stream.hpp"
#include "support/matchers.hpp"
#include "sys/signature.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ib::test {

/// The example of the format's description, and its public half.
inline constexpr std::string_view kExampleIdentity =
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
inline constexpr std::string_view kExampleRecipient =
    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

inline AgeFileKey file_key_for(const AgeIdentity& identity)
{
  const std::vector<AgeRecipient> recipients{identity.recipient()};
  return must(AgeFileKey::create(recipients));
}

/// The age file of `plain`, written in pieces of this size.
inline std::string encrypt(const AgeFileKey& key, std::string_view plain,
                           std::size_t piece = SIZE_MAX)
{
  std::string out;
  AgeEncryptor encryptor(key, [&](ByteView bytes) -> Result<> {
    out += text_of(bytes);
    return {};
  });
  while (!plain.empty()) {
    const std::size_t n = std::min(piece, plain.size());
    must(encryptor.write(bytes_of(plain.substr(0, n))));
    plain.remove_prefix(n);
  }
  must(encryptor.finish());
  return out;
}

/// What a decryptor has passed on, and how it ended.
struct Decrypted {
  std::string plain;
  Result<> ended;
};

/// `opener` is what an AgeDecryptor takes.
template <class Opener>
Decrypted decrypt_with(const Opener& opener, std::string_view encrypted,
                       std::size_t piece = SIZE_MAX)
{
  Decrypted decrypted;
  AgeDecryptor decryptor(opener, [&](ByteView bytes) -> Result<> {
    decrypted.plain += text_of(bytes);
    return {};
  });
  while (decrypted.ended && !encrypted.empty()) {
    const std::size_t n = std::min(piece, encrypted.size());
    decrypted.ended = decryptor.write(bytes_of(encrypted.substr(0, n)));
    encrypted.remove_prefix(n);
  }
  if (decrypted.ended) decrypted.ended = decryptor.finish();
  return decrypted;
}

inline Decrypted decrypt(std::span<const AgeIdentity> identities, std::string_view encrypted,
                         std::size_t piece = SIZE_MAX)
{
  return decrypt_with(identities, encrypted, piece);
}

inline Decrypted decrypt(const AgeIdentity& identity, std::string_view encrypted,
                         std::size_t piece = SIZE_MAX)
{
  return decrypt(std::span(&identity, 1), encrypted, piece);
}

/// Makes age files with any stanzas, whose MAC is right.
class AgeForge {
public:
  AgeForge() { fill_at_random(file_key_.bytes); }

  /// The stanza with which this file key is wrapped for `recipient`.
  AgeStanza stanza_for(const AgeRecipient& recipient) const
  {
    Secret<32> ephemeral;
    fill_at_random(ephemeral.bytes);
    const X25519Point share = x25519_point(ephemeral);
    AgeStanza stanza{.arguments = {"X25519", to_unpadded_base64(share.bytes)}, .body = {}};
    stanza.body.resize(32);
    ChaCha20Poly1305(
        age_wrap_key(x25519(ephemeral, recipient.point()).value(), share, recipient.point()))
        .seal({}, file_key_.bytes, stanza.body);
    return stanza;
  }
  /// The same for a passphrase, with the least cost that age reads.
  AgeStanza stanza_for(const Passphrase& passphrase) const
  {
    return must(wrap_for_passphrase(file_key_, passphrase, 1));
  }
  /// A header with these stanzas.
  std::string header(const std::vector<AgeStanza>& stanzas) const
  {
    return with_mac(format_age_stanzas(stanzas));
  }
  /// A header with these lines.
  std::string with_mac(const std::string& lines) const
  {
    const std::string covered = lines + "---";
    return covered + " " +
           to_unpadded_base64(hmac_sha256(age_mac_key(file_key_).bytes, bytes_of(covered)).bytes) +
           "\n";
  }
  /// The payload's nonce, and chunks with these plain texts.
  std::string payload(const std::vector<std::string>& plain_texts) const
  {
    std::string payload(kAgeNonce, 'n');
    ChaCha20Poly1305 cipher(age_payload_key(file_key_, bytes_of(payload)));
    for (std::size_t i = 0; i < plain_texts.size(); ++i) {
      const bool is_last = i + 1 == plain_texts.size();
      std::vector<std::byte> sealed(plain_texts[i].size() + ChaCha20Poly1305::kTag);
      cipher.seal(age_chunk_nonce(i, is_last ? AgeChunkKind::last : AgeChunkKind::inner),
                  bytes_of(plain_texts[i]), sealed);
      payload += text_of(sealed);
    }
    return payload;
  }

private:
  Secret<kAgeFileKey> file_key_;
};

}  // namespace ib::test
