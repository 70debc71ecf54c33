// SPDX-License-Identifier: Apache-2.0
//
// The payload of an age file: its nonce, and then chunks that are each sealed by itself, with their
// number and whether they are the last (STREAM).
#pragma once

#include "age/primitives.hpp"

#include <cstdint>

namespace ib {

inline constexpr std::size_t kAgeNonce = 16;
inline constexpr std::size_t kAgeChunk = std::size_t{64} * 1024;  ///< of plain text
inline constexpr std::size_t kAgeSealedChunk = kAgeChunk + ChaCha20Poly1305::kTag;
inline constexpr std::size_t kAgeFileKey = 16;

/// What the header's MAC is computed with.
Secret<32> age_mac_key(const Secret<kAgeFileKey>& file_key);
/// What the chunks are sealed with.
Secret<32> age_payload_key(const Secret<kAgeFileKey>& file_key, ByteView nonce);
/// What wraps the file key for one recipient.
Secret<32> age_wrap_key(const Secret<32>& shared, const X25519Point& share,
                        const X25519Point& recipient);

inline constexpr std::string_view kX25519Stanza = "X25519";
inline constexpr std::string_view kScryptStanza = "scrypt";

enum class AgeChunkKind : std::uint8_t { inner, last };

/// The nonce of the chunk with this number; the first has 0.
ChaCha20Poly1305::Nonce age_chunk_nonce(std::uint64_t number, AgeChunkKind kind);

}  // namespace ib
