// SPDX-License-Identifier: Apache-2.0
#include "repository/store_keys.hpp"

#include "age/decryption.hpp"
#include "age/encryption.hpp"
#include "age/header.hpp"
#include "base/assert.hpp"
#include "base/text.hpp"
#include "repository/json_reader.hpp"
#include "repository/statement.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kDocument = "store keys";
constexpr std::string_view kStatement = "immich-backup store keys 1";
// The least that age takes. More would slow down whoever tries out passphrases, and an identity
// cannot be found that way.
constexpr unsigned kMetadataWorkFactor = 1;

/// What is signed of it.
std::string statement_of(const StoreKeys& keys)
{
  std::string bytes = joined_parts({kStatement, keys.store, text_of(keys.names.bytes)});
  for (const AgeIdentity& identity : keys.documents)
    bytes += joined_parts({"document", identity.secret_text()});
  for (const AgeRecipient& owner : keys.owners) bytes += joined_parts({"owner", owner.text()});
  return bytes;
}

bool is_signed_by(const StoreKeys& keys, std::string_view signature,
                  const std::vector<PublicKey>& trusted)
{
  const std::size_t space = std::min(signature.find(' '), signature.size());
  const Result<PublicKey> key = parse_public_key(signature.substr(0, space));
  const Result<Signature> made =
      Signature::parse(signature.substr(std::min(space + 1, signature.size())));
  return key && made && std::ranges::find(trusted, *key) != trusted.end() &&
         verify_signature(*key, bytes_of(statement_of(keys)), *made);
}

ByteSink into(std::string& text)
{
  return [&text](ByteView bytes) -> Result<> {
    text += text_of(bytes);
    return {};
  };
}

Result<std::string> encrypt_with(const AgeFileKey& key, std::string_view plain)
{
  std::string encrypted;
  AgeEncryptor encryptor(key, into(encrypted));
  TRY(encryptor.write(bytes_of(plain)));
  TRY(encryptor.finish());
  return encrypted;
}

Result<> decrypt_with(AgeDecryptor& decryptor, std::string_view encrypted)
{
  TRY(decryptor.write(bytes_of(encrypted)));
  return decryptor.finish();
}

}  // namespace

StoreKeys StoreKeys::create(std::string store, std::vector<AgeRecipient> owners)
{
  StoreKeys keys{.store = std::move(store),
                 .names = {},
                 .documents = {AgeIdentity::create()},
                 .owners = std::move(owners)};
  fill_at_random(keys.names.bytes);
  return keys;
}

Result<std::string> encrypt_text(std::string_view plain, std::span<const AgeRecipient> recipients)
{
  return encrypt_with(TRY(AgeFileKey::create(recipients)), plain);
}

Result<std::string> decrypt_text(std::string_view encrypted,
                                 std::span<const AgeIdentity> identities)
{
  std::string plain;
  AgeDecryptor decryptor(identities, into(plain));
  TRY(decrypt_with(decryptor, encrypted));
  return plain;
}

Passphrase metadata_passphrase(const AgeIdentity& documents)
{
  const Result<Passphrase> passphrase = Passphrase::of(documents.secret_text());
  IB_ASSERT(passphrase.has_value());
  return *passphrase;
}

Result<std::string> encrypt_text(std::string_view plain, const Passphrase& passphrase)
{
  return encrypt_with(TRY(AgeFileKey::for_passphrase(passphrase, kMetadataWorkFactor)), plain);
}

Result<std::string> decrypt_text(std::string_view encrypted,
                                 std::span<const Passphrase> passphrases)
{
  Result<std::string> plain = fail(Errc::denied, "there is no passphrase here that opens it");
  for (const Passphrase& passphrase : passphrases) {
    plain = std::string();
    AgeDecryptor decryptor([&]() -> Result<Passphrase> { return passphrase; }, into(*plain),
                           kMetadataWorkFactor);
    const Result<> decrypted = decrypt_with(decryptor, encrypted);
    if (decrypted) return plain;
    plain = std::unexpected(decrypted.error());
    if (decrypted.error().code != Errc::denied) break;
  }
  return plain;
}

Result<std::string> seal(const StoreKeys& keys, const MachineKey& machine)
{
  Json owners = Json::array();
  for (const AgeRecipient& owner : keys.owners) owners.push_back(owner.text());
  Json documents = Json::array();
  for (const AgeIdentity& identity : keys.documents) documents.push_back(identity.secret_text());
  const Signature signature = machine.sign(bytes_of(statement_of(keys)));
  const Json json{{"document", kDocument},
                  {"store", to_utf8(keys.store)},
                  {"names", Sha256{keys.names.bytes}.hex()},
                  {"documents", std::move(documents)},
                  {"owners", std::move(owners)},
                  {"signature", to_text(machine.public_key()) + " " + signature.hex()}};
  std::vector<AgeRecipient> recipients{machine.opening().recipient()};
  recipients.insert(recipients.end(), keys.owners.begin(), keys.owners.end());
  return encrypt_text(dump_document(json), recipients);
}

Result<StoreKeys> open_store_keys(std::string_view sealed, std::span<const AgeIdentity> identities,
                                  const std::optional<std::vector<PublicKey>>& trusted,
                                  std::string_view name)
{
  const std::string plain = TRY(decrypt_text(sealed, identities).context(std::string(name)));
  const Json json = TRY(parse_object(plain, name));
  JsonReader reader(json, std::string(name));
  const bool is_one = reader.text("document", true) == kDocument;
  StoreKeys keys{.store = reader.text("store", true), .names = {}, .documents = {}, .owners = {}};
  keys.names.bytes = reader.sha256("names").bytes;
  const std::vector<std::string> documents = reader.texts("documents");
  const std::vector<std::string> owners = reader.texts("owners");
  const std::string signature = reader.text("signature", true);
  TRY(reader.finish());
  for (const std::string& text : documents) keys.documents.push_back(TRY(AgeIdentity::parse(text)));
  for (const std::string& text : owners) keys.owners.push_back(TRY(AgeRecipient::parse(text)));
  if (!is_one || keys.documents.empty() || keys.owners.empty())
    return fail(Errc::corrupt, std::string(name) + ": does not hold the keys of a store");
  if (trusted && !is_signed_by(keys, signature, *trusted)) {
    return fail(Errc::corrupt, std::string(name) + ": is signed by no key that is trusted",
                "Find out who put it there.");
  }
  return keys;
}

Result<ObjectName> put_store_keys(ObjectStore& store, const std::string& sealed, Timestamp now,
                                  const std::stop_token& stop)
{
  constexpr int kAttempts = 5;
  // As much as a folder keeps for an object. With many owners, readers fetch the object.
  constexpr std::size_t kLargestMetadata = 3900;
  Metadata metadata{{kStoreKeysKey, to_unpadded_base64(bytes_of(sealed))}};
  if (metadata.at(kStoreKeysKey).size() > kLargestMetadata) metadata.clear();
  for (int attempt = 0;; ++attempt, now += std::chrono::seconds(1)) {
    ObjectName name = store_keys_name(now);
    const Result<ObjectInfo> put =
        put_small(store, name, sealed, metadata, "application/octet-stream", stop);
    if (put) return name;
    if (put.error().code != Errc::precondition_failed || attempt == kAttempts)
      return std::unexpected(put.error());
  }
}

}  // namespace ib
