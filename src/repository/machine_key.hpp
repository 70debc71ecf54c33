// SPDX-License-Identifier: Apache-2.0
//
// The machine key: a small file beside the backup's configuration, never in a store. Its two halves
// sign documents, and tag uploads so that only this machine can tell them as its own.
#pragma once

#include "age/keys.hpp"
#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "sys/signature.hpp"

#include <string>
#include <string_view>

namespace ib {

/// "ed25519:" and 64 hexadecimal digits: for configurations and for paper.
std::string to_text(const PublicKey& key);
/// The inverse. Spaces and line breaks between the digits are passed over. invalid if it is none.
Result<PublicKey> parse_public_key(std::string_view text);
/// The first 16 digits: enough to tell keys apart in a message.
std::string short_text(const PublicKey& key);

/// May be used by several threads at once.
class MachineKey {
public:
  /// A new random one.
  static MachineKey create();
  /// Out of the content of its file. invalid, without repeating it, if it is none.
  static Result<MachineKey> parse(std::string_view text, std::string_view name);
  MachineKey(MachineKey&&) noexcept = default;
  MachineKey& operator=(MachineKey&&) noexcept = default;
  ~MachineKey();

  /// The content of its file.
  std::string text() const;
  const PublicKey& public_key() const { return signing_.public_key(); }
  Signature sign(ByteView statement) const { return signing_.sign(statement); }
  /// Opens what is encrypted to this machine: the keys of an encrypted store, and through them
  /// its manifests. No photo and no dump is encrypted to it.
  const AgeIdentity& opening() const { return opening_; }
  /// What only this key can compute of `statement`.
  Sha256 tag(ByteView statement) const { return hmac_sha256(tagging_.bytes, statement); }

private:
  explicit MachineKey(const Sha256& secret);

  Sha256 secret_;
  Ed25519Key signing_;
  Sha256 tagging_;
  AgeIdentity opening_;
};

/// Reads a key file. not_found if there is none.
Result<MachineKey> load_machine_key(const std::string& path);
/// Writes a new key to a new file that only its owner can read. precondition_failed if there is a
/// file.
Result<MachineKey> create_machine_key(const std::string& path);

}  // namespace ib
