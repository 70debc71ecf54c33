// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace ib {

/// Base64 as in JSON Web Tokens (RFC 7515): '-' and '_', no padding.
std::string to_base64url(ByteView bytes);

/// An RSA private key. Thread-safe.
class SigningKey {
public:
  /// Parses PEM (PKCS #8 or PKCS #1). invalid if it is not an RSA key of at least 2048 bits, or
  /// needs a password. No error repeats any of it.
  static Result<SigningKey> parse(std::string_view pem);

  SigningKey(SigningKey&&) noexcept;
  ~SigningKey();

  /// The RS256 signature: RSASSA-PKCS1-v1_5 with SHA-256.
  std::string sign(std::string_view message) const;

private:
  struct Key;
  explicit SigningKey(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
};

/// The token "header.claims.signature" from two JSON texts (RFC 7515, compact serialization).
std::string signed_jwt(std::string_view header_json, std::string_view claims_json,
                       const SigningKey& key);

}  // namespace ib
