// SPDX-License-Identifier: Apache-2.0
#include "age/stream.hpp"

#include "sys/signature.hpp"

#include <algorithm>

namespace ib {

Secret<32> age_mac_key(const Secret<kAgeFileKey>& file_key)
{
  return hkdf_sha256(file_key.bytes, {}, "header");
}

Secret<32> age_payload_key(const Secret<kAgeFileKey>& file_key, ByteView nonce)
{
  return hkdf_sha256(file_key.bytes, nonce, "payload");
}

Secret<32> age_wrap_key(const Secret<32>& shared, const X25519Point& share,
                        const X25519Point& recipient)
{
  std::array<std::byte, 64> salt{};
  std::ranges::copy(recipient.bytes, std::ranges::copy(share.bytes, salt.begin()).out);
  return hkdf_sha256(shared.bytes, salt, "age-encryption.org/v1/X25519");
}

ChaCha20Poly1305::Nonce age_chunk_nonce(std::uint64_t number, AgeChunkKind kind)
{
  // Eleven bytes, big-endian, of which the first three stay zero; and one.
  ChaCha20Poly1305::Nonce nonce{};
  for (std::size_t i = 10; i > 2; --i, number >>= 8U)
    nonce.at(i) = static_cast<std::byte>(number & 0xffU);
  nonce.back() = static_cast<std::byte>(kind == AgeChunkKind::last ? 1 : 0);
  return nonce;
}

}  // namespace ib
