// SPDX-License-Identifier: Apache-2.0
//
// What an encrypted store is to this machine: whether it is one, to whom it is encrypted, whether
// the settings agree, and what the keys here open.
#include "age/header.hpp"
#include "base/text.hpp"
#include "repository/documents.hpp"
#include "repository/encrypted_store.hpp"
#include "repository/statement.hpp"
#include "repository/store_marker.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kNameStatement = "immich-backup object name 1";
constexpr std::size_t kRandomBytes = 16;

/// `text` is empty, or random.
ObjectName name_of(const StoreKeys& keys, std::string_view path, std::string_view sha256,
                   std::string_view text)
{
  return encrypted_name(
      hmac_sha256(keys.names.bytes, bytes_of(joined_parts({kNameStatement, path, sha256, text}))));
}

}  // namespace

std::vector<std::string> sorted_texts(const std::vector<AgeRecipient>& recipients)
{
  std::vector<std::string> texts;
  texts.reserve(recipients.size());
  for (const AgeRecipient& recipient : recipients) texts.push_back(recipient.text());
  std::ranges::sort(texts);
  texts.erase(std::ranges::unique(texts).begin(), texts.end());
  return texts;
}

std::string to_text(const std::vector<AgeRecipient>& recipients)
{
  return joined(sorted_texts(recipients), ", ");
}

std::optional<StoreKeys> EncryptedStore::store_keys() const
{
  const std::scoped_lock lock(mutex_);
  return store_keys_;
}

std::vector<std::string> EncryptedStore::owners() const
{
  const std::scoped_lock lock(mutex_);
  return owners_;
}

Result<EncryptedStore::Form> EncryptedStore::form(const std::stop_token& stop)
{
  {
    const std::scoped_lock lock(mutex_);
    if (form_ != Form::unknown) return form_;
  }
  // The marker and the store's keys are among these; the manifests with a time are not.
  std::vector<ObjectInfo> objects;
  const std::unique_ptr<ObjectCursor> cursor =
      TRY(inner_.list(std::string(kManifestPrefix) + ".", "", stop, ListedMetadata::of_few));
  while (std::optional<ObjectInfo> object = TRY(cursor->next()))
    objects.push_back(std::move(*object));
  TRY(learn(objects, stop));
  const std::scoped_lock lock(mutex_);
  return form_;
}

Result<bool> EncryptedStore::is_encrypted(const std::stop_token& stop)
{
  return TRY(form(stop)) == Form::encrypted;
}

/// What the marker says, and whether the settings agree. Where it is lost or damaged, the store's
/// keys tell, as far as they open, and else the settings.
Result<> EncryptedStore::learn(std::vector<ObjectInfo>& manifests, const std::stop_token& stop)
{
  const std::scoped_lock lock(mutex_);
  if (form_ != Form::unknown) return {};
  const auto object =
      std::ranges::find_if(manifests, [](const ObjectInfo& each) { return is_marker(each.name); });
  std::optional<StoreMarker> marker;
  if (object != manifests.end()) {
    const std::string document = TRY(marker_document(inner_, *object, stop));
    // Whoever needs the marker says what is wrong with it.
    if (const Result<StoreMarker> read = parse_store_marker(document, kStoreMarker)) marker = *read;
  }
  owners_ = marker ? marker->recipients : sorted_texts(keys_.recipients);
  std::ranges::sort(owners_);
  TRY(require_agreement());
  if (!marker || !owners_.empty()) TRY(open_keys(manifests, marker, stop));
  if (!marker && store_keys_) {
    owners_ = sorted_texts(store_keys_->owners);
    TRY(require_agreement());
  }
  form_ = owners_.empty() ? Form::plain : Form::encrypted;
  return {};
}

/// Of the settings with whom the store is encrypted to.
Result<> EncryptedStore::require_agreement() const
{
  const std::vector<std::string> settings = sorted_texts(keys_.recipients);
  if (settings.empty() || settings == owners_) return {};
  if (owners_.empty()) {
    return fail(Errc::invalid,
                inner_.url() + ": is not encrypted, and the settings say that it is to be",
                "Nothing was changed. A store is encrypted from its beginning: `immich-backup init "
                "--encrypt-to` begins another one, such as in another folder or prefix, to which "
                "everything is uploaded anew. To go on with this one, take --encrypt-to "
                "(IMMICH_BACKUP_ENCRYPT_TO) out of the settings.");
  }
  if (keys_.changes_recipients) return {};
  return fail(Errc::invalid,
              inner_.url() + ": is encrypted to " + joined(owners_, ", ") +
                  ", and the settings say to " + joined(settings, ", "),
              "Nothing was changed. If the settings are right, `immich-backup init "
              "--change-recipients` with the owner's credential makes them the store's.");
}

/// The newest of the store's keys that this machine can open, and that are no stranger's.
Result<> EncryptedStore::open_keys(const std::vector<ObjectInfo>& manifests,
                                   const std::optional<StoreMarker>& marker,
                                   const std::stop_token& stop)
{
  std::optional<std::vector<PublicKey>> trusted = keys_.trusted;
  if (trusted && keys_.trusts_marker && marker)
    if (const Result<PublicKey> key = parse_public_key(marker->key)) trusted->push_back(*key);
  std::vector<AgeIdentity> mine;
  if (keys_.machine) mine.push_back(keys_.machine->opening());
  mine.insert(mine.end(), keys_.identities.begin(), keys_.identities.end());
  identities_ = keys_.identities;
  std::optional<Error> why;
  std::size_t found = 0, not_opened = 0;
  for (auto object = manifests.rbegin(); object != manifests.rend(); ++object) {
    if (!object->name.value.starts_with(kStoreKeysPrefix)) continue;
    ++found;
    std::vector<std::byte> told;
    const bool is_told =
        from_unpadded_base64(text_in(object->metadata, kStoreKeysKey), told) && !told.empty();
    const std::string sealed = is_told
                                   ? std::string(text_of(told))
                                   : TRY(get_small(inner_, object->name, kLargestStoreKeys, stop));
    if (!keys_.identities.empty() && !decrypt_text(sealed, keys_.identities)) {
      ++not_opened;
    }
    Result<StoreKeys> keys = open_store_keys(sealed, mine, trusted, object->name.value);
    if (!keys) {
      why = std::move(keys).error();
      continue;
    }
    if (marker && keys->store != marker->id) continue;  // of an init that did not end
    if (!store_keys_) store_keys_ = *keys;
    // What was written before the recipients were changed.
    for (const AgeIdentity& identity : keys->documents) {
      identities_.push_back(identity);
      metadata_passphrases_.push_back(metadata_passphrase(identity));
    }
  }
  // Whoever a photo was ever encrypted to, the store's keys of that time are sealed to him, too.
  identities_fit_ = found == 0 || not_opened < found;
  if (store_keys_ || !identities_.empty() || !marker) return {};
  constexpr std::string_view kHint =
      "Name the machine key of this store with --machine-key, or one of the owner's identities "
      "with --identity. A lost machine key: `immich-backup init --new-machine-key --identity "
      "FILE`.";
  const std::string encrypted =
      inner_.url() + ": is encrypted to " + joined(owners_, ", ") + ", and ";
  if (mine.empty())
    return fail(Errc::invalid, encrypted + "there is no key here that opens it",
                std::string(kHint));
  if (found == 0) {
    return fail(
        Errc::invalid,
        encrypted + "the object with its keys, " + std::string(kStoreKeysPrefix) + "*.age, is gone",
        "Bring it back from the bucket's soft-deleted objects or from a copy of the store. One of "
        "the owner's identities (--identity) still opens everything.");
  }
  return fail(Errc::invalid, encrypted + "no key here opens it" + (why ? ": " + why->message : ""),
              std::string(kHint));
}

Result<std::vector<ObjectName>> EncryptedStore::names_for(std::string_view path,
                                                          const Sha256& content,
                                                          const std::stop_token& stop)
{
  TRY(form(stop));
  const StoreKeys& keys = *TRY(keys_to_write_with());
  return std::vector{name_of(keys, path, content.hex(), ""),
                     name_of(keys, path, content.hex(), random_hex(kRandomBytes))};
}

bool EncryptedStore::has_named(const ObjectInfo& object) const
{
  const std::string path = text_in(object.metadata, "path");
  const Result<const StoreKeys*> keys = keys_to_write_with();
  return keys && object.plain && !path.empty() &&
         object.name ==
             name_of(**keys, unescape_bytes(path), text_in(object.metadata, "sha256"), "");
}

Result<> EncryptedStore::require_identity(std::string_view what, const std::stop_token& stop)
{
  if (TRY(form(stop)) != Form::encrypted) return {};
  if (has_identity() && identities_fit_) return {};
  if (has_identity()) {
    return fail(Errc::invalid,
                inner_.url() +
                    ": nothing here was ever encrypted to the identity that you gave; "
                    "photos and dumps are encrypted to " +
                    joined(owners_, ", "),
                "Name the file of another identity with --identity (IMMICH_BACKUP_IDENTITY_FILE).");
  }
  return fail(
      Errc::invalid,
      inner_.url() + ": " + std::string(what) +
          " needs an identity: photos and dumps are "
          "encrypted to " +
          joined(owners_, ", "),
      "Name the file of the identity with --identity (IMMICH_BACKUP_IDENTITY_FILE). "
      "Without it, `status`, `restore-points`, `ls`, `find`, `history`, `diff` and `verify` "
      "by listing work.");
}

std::unexpected<Error> EncryptedStore::no_recipients() const
{
  return fail(Errc::invalid,
              inner_.url() + ": is encrypted to " + joined(owners_, ", ") +
                  ", and the settings do not say to whom to encrypt",
              "Nothing was stored. A backup takes this from the settings and never from the store. "
              "If your key file or recovery kit names the same: IMMICH_BACKUP_ENCRYPT_TO=" +
                  joined(owners_, ","));
}

Result<> EncryptedStore::require_recipients(const std::stop_token& stop)
{
  if (TRY(form(stop)) == Form::encrypted && keys_.recipients.empty()) return no_recipients();
  return {};
}

/// Whoever may have sealed them would read what is written by them.
Result<const StoreKeys*> EncryptedStore::keys_to_write_with() const
{
  if (!keys_.trusted) {
    return fail(Errc::invalid, inner_.url() + ": an encrypted store is only read with --unsigned",
                "Nothing was stored. Leave out --unsigned.");
  }
  if (store_keys_) return &*store_keys_;
  return fail(Errc::invalid,
              inner_.url() +
                  ": no key here opens the keys of this store, by which everything in "
                  "it is named and written",
              "Nothing was stored. Name the machine key of this store with --machine-key. Are the "
              "objects " +
                  std::string(kStoreKeysPrefix) +
                  "*.age gone? Bring them back from the bucket's soft-deleted objects or from a "
                  "copy of the store.");
}

}  // namespace ib
