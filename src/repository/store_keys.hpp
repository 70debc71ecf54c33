// SPDX-License-Identifier: Apache-2.0
//
// The keys of an encrypted store, which lie in it as the age file manifest.keys-<time>.age
// (docs/formats/encryption.md). The machine key opens them, and so does each of the owner's
// identities.
#pragma once

#include "age/keys.hpp"
#include "age/passphrase.hpp"
#include "base/time.hpp"
#include "repository/machine_key.hpp"
#include "store/object_store.hpp"

#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// A larger document is not read: bytes.
inline constexpr std::uint64_t kLargestStoreKeys = std::uint64_t{64} * 1024;
/// The metadata of the object that repeats it, in base64 without padding: a nightly run needs no
/// request more.
inline const std::string kStoreKeysKey = "store-keys";

struct StoreKeys {
  std::string store;  ///< the id of its marker
  /// Makes the names of the objects that hold files. Never changes, so that the same content of the
  /// same path always has the same name.
  Secret<32> names;
  /// Open manifests, restore points, marks and proofs. What is written now is encrypted to the
  /// first; the others are from before --change-recipients.
  std::vector<AgeIdentity> documents;
  /// The owner's, to whom the keys and all documents are encrypted as well: so a machine that only
  /// reads, whose settings do not name them, writes no document that the owner cannot open.
  std::vector<AgeRecipient> owners;

  /// New random ones.
  static StoreKeys create(std::string store, std::vector<AgeRecipient> owners);
};

/// Encrypts the keys to the machine and to the owner, signed by the machine.
Result<std::string> seal(const StoreKeys& keys, const MachineKey& machine);

/// Opens what seal() has made. denied if none of the identities opens it. corrupt if it is damaged,
/// or signed by none of `trusted`; absent `trusted` believes whoever has sealed it, which is enough
/// to read and not to write.
Result<StoreKeys> open_store_keys(std::string_view sealed, std::span<const AgeIdentity> identities,
                                  const std::optional<std::vector<PublicKey>>& trusted,
                                  std::string_view name);

/// Creates the object.
Result<ObjectName> put_store_keys(ObjectStore& store, const std::string& sealed, Timestamp now,
                                  const std::stop_token& stop);

/// The age file of a few bytes, in memory.
Result<std::string> encrypt_text(std::string_view plain, std::span<const AgeRecipient> recipients);
/// Its plain text.
Result<std::string> decrypt_text(std::string_view encrypted,
                                 std::span<const AgeIdentity> identities);

/// What protects the metadata of the objects that hold files: the text of one of the documents'
/// identities. A passphrase that nobody can guess may be a cheap one: it takes less time than a key
/// exchange, of which each object has one already.
Passphrase metadata_passphrase(const AgeIdentity& documents);
/// The age file of a few bytes, protected with such a passphrase.
Result<std::string> encrypt_text(std::string_view plain, const Passphrase& passphrase);
/// Its plain text. denied if none of the passphrases opens it; corrupt if whoever made it wants
/// more work to be done for it than encrypt_text() does.
Result<std::string> decrypt_text(std::string_view encrypted,
                                 std::span<const Passphrase> passphrases);

}  // namespace ib
