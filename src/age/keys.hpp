// SPDX-License-Identifier: Apache-2.0
//
// The keys of age (https://c2sp.org/age), of its X25519 kind: an identity is the secret key, a
// recipient its public half. key_files.cpp implements the files of keys.
#pragma once

#include "age/passphrase.hpp"
#include "age/primitives.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Whoever holds the identity of it opens what is encrypted to it.
class AgeRecipient {
public:
  /// "age1..." as `age-keygen` prints it; also in capitals, as in a QR code. Spaces around it are
  /// passed over. invalid if it is none. Nothing of a secret key is repeated.
  static Result<AgeRecipient> parse(std::string_view text);

  std::string text() const;
  const X25519Point& point() const { return point_; }
  bool operator==(const AgeRecipient&) const = default;

private:
  friend class AgeIdentity;
  explicit AgeRecipient(const X25519Point& point) : point_(point) {}
  X25519Point point_;
};

/// May be used by several threads at once.
class AgeIdentity {
public:
  /// A new random one.
  static AgeIdentity create();
  /// The one of which these 32 bytes are the secret.
  explicit AgeIdentity(const Secret<32>& secret);
  /// "AGE-SECRET-KEY-1...", in either case. Spaces around it are passed over. invalid, without
  /// repeating anything of it, if it is none.
  static Result<AgeIdentity> parse(std::string_view text);

  /// The secret key, as parse() reads it.
  std::string secret_text() const;
  const AgeRecipient& recipient() const { return recipient_; }
  const Secret<32>& secret() const { return secret_; }

private:
  Secret<32> secret_;
  AgeRecipient recipient_;
};

/// The recipients in the file at `path`: one in each line, beside empty lines and those that begin
/// with #. At least one. not_found if there is no file, invalid if it is none of these.
Result<std::vector<AgeRecipient>> load_age_recipients(const std::string& path);

/// The identities in the content of a file as `age-keygen` writes it: one in each line, beside
/// empty lines and those that begin with #. At least one. Where `age -p` has protected the file, in
/// armor or not, `ask` is called for the passphrase. `name` is for messages, which repeat nothing
/// of the file. The codes:
///   - invalid: it is no such file, or is protected and nobody can be asked;
///   - denied: the passphrase is another, or it is encrypted to keys;
///   - corrupt: it is protected and damaged;
///   - io: there is not as much memory as its passphrase needs;
///   - and any error of `ask`.
Result<std::vector<AgeIdentity>> parse_age_identities(std::string_view text, std::string_view name,
                                                      const AskPassphrase& ask = {});
/// The same of the file at `path`. not_found if there is none.
Result<std::vector<AgeIdentity>> load_age_identities(const std::string& path,
                                                     const AskPassphrase& ask = {});

}  // namespace ib
