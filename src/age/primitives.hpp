// SPDX-License-Identifier: Apache-2.0
//
// The algorithms of age that nothing else needs. OpenSSL computes them.
#pragma once

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "sys/secret.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace ib {

/// A public key, or the share of one key exchange: a point of Curve25519 (RFC 7748).
using X25519Point = Digest<struct X25519PointTag, 32>;

X25519Point x25519_point(const Secret<32>& secret);
/// A key exchange of `secret` with `point`: what the other side needs for it, and what both
/// compute.
struct X25519Exchange {
  X25519Point share;  ///< x25519_point(secret)
  Secret<32> shared;
};
/// Both at once, in less time. Empty as x25519() is.
std::optional<X25519Exchange> x25519_exchange(const Secret<32>& secret, const X25519Point& point);
/// What both sides of an exchange compute. Empty for a point of low order, with which every secret
/// would give the same.
std::optional<Secret<32>> x25519(const Secret<32>& secret, const X25519Point& point);

/// scrypt (RFC 7914) of block size 8 and parallelisation 1. `work_factor` is the binary logarithm
/// of its cost. Empty if there is not as much memory as it takes.
std::optional<Secret<32>> scrypt(std::string_view passphrase, ByteView salt, unsigned work_factor);
/// How much memory that is, in bytes.
std::uint64_t scrypt_memory(unsigned work_factor);

/// ChaCha20-Poly1305 (RFC 8439) under one key, without additional data. One thread at a time.
class ChaCha20Poly1305 {
public:
  static constexpr std::size_t kTag = 16;
  using Nonce = std::array<std::byte, 12>;

  explicit ChaCha20Poly1305(const Secret<32>& key);
  ChaCha20Poly1305(ChaCha20Poly1305&&) noexcept;
  ~ChaCha20Poly1305();

  /// Writes the cipher text and its tag to the first plain.size() + kTag bytes of `sealed`. No
  /// nonce may be used for two plain texts.
  void seal(const Nonce& nonce, ByteView plain, std::span<std::byte> sealed);
  /// Writes the plain text to the first sealed.size() - kTag bytes of `plain`. If it returns false,
  /// these are not authentic and must not be used.
  bool open(const Nonce& nonce, ByteView sealed, std::span<std::byte> plain);

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ib
