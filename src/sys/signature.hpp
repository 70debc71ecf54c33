// SPDX-License-Identifier: Apache-2.0
// Signatures (Ed25519, RFC 8032) and message authentication codes (HMAC-SHA256, RFC 2104).
#pragma once

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "sys/secret.hpp"

#include <memory>
#include <string_view>

namespace ib {

using PublicKey = Digest<struct PublicKeyTag, 32>;
using Signature = Digest<struct SignatureTag, 64>;

/// The private half. May be used by several threads at once.
class Ed25519Key {
public:
  /// The key that these 32 bytes determine.
  explicit Ed25519Key(const Sha256& seed);
  Ed25519Key(Ed25519Key&&) noexcept;
  Ed25519Key& operator=(Ed25519Key&&) noexcept;
  ~Ed25519Key();

  const PublicKey& public_key() const { return public_key_; }
  /// The same bytes have the same signature.
  Signature sign(ByteView message) const;

private:
  struct Key;
  std::unique_ptr<Key> key_;
  PublicKey public_key_;
};

/// Whether `signature` was made of `message` with the private half of `key`. False for bytes that
/// are no public key.
bool verify_signature(const PublicKey& key, ByteView message, const Signature& signature);

Sha256 hmac_sha256(ByteView key, ByteView message);

/// 32 bytes out of a secret: HKDF-SHA256 (RFC 5869). An empty salt is the standard's default.
Secret<32> hkdf_sha256(ByteView secret, ByteView salt, std::string_view info);

/// A key for one purpose, out of a random secret: HKDF-SHA256 without salt. Different labels make
/// keys that tell nothing of each other.
Sha256 derived_key(ByteView secret, std::string_view label);

/// Compares in a time that does not depend on where they differ.
bool are_equal_secrets(const Sha256& one, const Sha256& other);

}  // namespace ib
