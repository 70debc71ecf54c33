// SPDX-License-Identifier: Apache-2.0
//
// A store whose objects are age files (docs/formats/encryption.md). To all that goes through it,
// documents, dumps and files have the names, the bytes and the metadata that they have in a store
// that is not encrypted. Only the objects of files have names of their own.
#pragma once

#include "age/keys.hpp"
#include "core/records/store_marker.hpp"
#include "repository/signed_store.hpp"
#include "repository/store_keys.hpp"
#include "store/object_store.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// A store has no more owners: each takes room in the metadata of every object, of which a folder
/// keeps 4,096 bytes, and a bucket 8,192.
inline constexpr std::size_t kMostOwners = 16;

/// What this machine may open, and to whom it encrypts.
struct EncryptionKeys {
  std::shared_ptr<const MachineKey> machine = nullptr;  ///< absent where it has none
  /// Who may have sealed the store's keys. Absent: whoever has, for reading alone (--unsigned).
  std::optional<std::vector<PublicKey>> trusted = std::nullopt;
  /// The owner's, from the settings alone. Empty where they name none: then nothing can be stored
  /// that the owner alone may open.
  std::vector<AgeRecipient> recipients = {};
  /// The owner's, from --identity. Empty on a machine that only backs up.
  std::vector<AgeIdentity> identities = {};
  /// For `init`: whoever holds the key that the marker names may have sealed the store's keys, too,
  /// since its own may be lost.
  bool trusts_marker = false;
  /// For `init --change-recipients`: the settings may differ from the marker.
  bool changes_recipients = false;
};

/// "age1..., age1...": for a message.
std::string to_text(const std::vector<AgeRecipient>& recipients);
/// Their texts, sorted, each once.
std::vector<std::string> sorted_texts(const std::vector<AgeRecipient>& recipients);

/// Passes everything on to another store as it is, where that is not encrypted: its marker tells.
/// Of one that is:
///   - put(), create() and replace() encrypt, and confirm the age file that they have sent. Files
///     and dumps are encrypted to the owner alone; documents to the store's own key, which the
///     machine key opens, and to the owner. All metadata is encrypted as documents are;
///   - get() gives plain bytes, each of which is authentic. The end of what was cut is an error, so
///     nothing may count as an object's content before get() succeeds;
///   - list() and stat() give the names and the metadata that were put. They pass over what is not
///     encrypted, and keep it as strangers; metadata that no key opens counts as lost;
///   - the marker and the store's keys are as they are.
class EncryptedStore final : public ObjectStore {
public:
  /// `inner` must outlive it.
  EncryptedStore(ObjectStore& inner, EncryptionKeys keys) : inner_(inner), keys_(std::move(keys)) {}

  /// Asks the store once. invalid where the settings say something else, or where none of the keys
  /// opens it.
  Result<bool> is_encrypted(const std::stop_token& stop);
  /// The names to try, in order, for the object of this content at this path. The second one, with
  /// something random in it, is for the case that a stranger has taken the first.
  Result<std::vector<ObjectName>> names_for(std::string_view path, const Sha256& content,
                                            const std::stop_token& stop);
  /// Whether the name of a file's object, which tells its metadata, is one that only the store's
  /// keys can have made of what that says: then it was stored by who has them, perhaps with a
  /// machine key that is lost. Whoever may only create objects can take no such name.
  bool has_named(const ObjectInfo& object) const;
  /// To whom its photos and dumps are encrypted: texts of recipients, sorted. Empty before the
  /// store was asked, and where it is not encrypted.
  std::vector<std::string> owners() const;
  /// invalid where the store is encrypted and no identity was given, or none that it was ever
  /// encrypted to: photos and dumps cannot be read. `what` begins the message: "restore".
  Result<> require_identity(std::string_view what, const std::stop_token& stop);
  /// invalid where the store is encrypted and the settings do not say to whom: nothing that the
  /// owner alone may read can be stored.
  Result<> require_recipients(const std::stop_token& stop);
  /// Whether --identity was given. require_identity() also says whether it is one of this store's.
  bool has_identity() const { return !keys_.identities.empty(); }
  const EncryptionKeys& keys() const { return keys_; }
  /// The store's own keys; absent where it is not encrypted or nothing opens them.
  std::optional<StoreKeys> store_keys() const;
  /// What is not encrypted and should be, of all that was listed so far.
  std::vector<Stranger> strangers() const;
  ObjectStore& inner() const { return inner_; }

  // ---- ObjectStore

  const StoreAddress& address() const override { return inner_.address(); }
  Result<ObjectInfo> put(const NewObject& object, ByteSource& source,
                         const std::stop_token& stop) override;
  Result<std::unique_ptr<ObjectWriter>> create(const ObjectName& name, const Metadata& metadata,
                                               const std::string& content_type,
                                               const std::stop_token& stop) override;
  Result<ObjectInfo> replace(const NewObject& object, ByteSource& source, std::uint64_t generation,
                             const std::stop_token& stop) override;
  Result<> remove(const RemovableName& name, const std::stop_token& stop) override;
  Result<ObjectInfo> stat(const ObjectName& name, const std::stop_token& stop) override;
  /// invalid where it is encrypted to others than the given identities, or where none was given.
  /// What comes before `offset` is decrypted as well, and thrown away.
  Result<> get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
               std::uint64_t offset) override;
  Result<std::unique_ptr<ObjectCursor>> list(const std::string& prefix, const std::string& start,
                                             const std::stop_token& stop,
                                             ListedMetadata metadata) override;
  /// `encrypts` is known once the store was asked.
  StoreFeatures features() const override;
  Result<Timestamp> now(const std::stop_token& stop) override { return inner_.now(stop); }

private:
  class Cursor;
  class Writer;
  enum class Form : std::uint8_t { unknown, plain, encrypted };
  struct Upload;

  /// Memory for the age files of small objects, as much as there are uploads at one time. It is
  /// neither cleared nor freed between them.
  class Buffers {
  public:
    static constexpr std::size_t kSize = std::size_t{288} * 1024;  // four chunks, and a header
    class Loan {
    public:
      Loan(Buffers& owner, std::unique_ptr<std::byte[]> buffer)
          : owner_(owner), buffer_(std::move(buffer))
      {}
      Loan(const Loan&) = delete;
      Loan& operator=(const Loan&) = delete;
      ~Loan();
      std::span<std::byte> bytes() const { return {buffer_.get(), kSize}; }

    private:
      Buffers& owner_;
      std::unique_ptr<std::byte[]> buffer_;
    };
    Loan lend();

  private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<std::byte[]>> free_;  // guarded by mutex_
  };

  Result<Form> form(const std::stop_token& stop);
  Result<> require_agreement() const;
  Result<> learn(std::vector<ObjectInfo>& manifests, const std::stop_token& stop);
  Result<> open_keys(const std::vector<ObjectInfo>& manifests,
                     const std::optional<StoreMarker>& marker, const std::stop_token& stop);
  std::unexpected<Error> no_recipients() const;
  Result<const StoreKeys*> keys_to_write_with() const;
  Result<std::vector<AgeRecipient>> recipients_of(const ObjectName& name) const;
  Result<Metadata> encrypted_metadata(const ObjectName& name, Metadata metadata,
                                      const std::optional<PlainForm>& plain) const;
  std::optional<ObjectInfo> translate(ObjectInfo info);
  void open_metadata(ObjectInfo& info) const;
  Result<ObjectInfo> send(const NewObject& object, ByteSource& source,
                          std::optional<std::uint64_t> generation, const std::stop_token& stop);

  ObjectStore& inner_;
  const EncryptionKeys keys_;
  Buffers buffers_;
  mutable std::mutex mutex_;  // guards what follows; once form_ is known, all but plain_ stays
  Form form_ = Form::unknown;
  std::vector<std::string> owners_;  // the marker's recipients
  std::optional<StoreKeys> store_keys_;
  bool identities_fit_ = true;           // the given ones open some of the store's keys
  std::vector<AgeIdentity> identities_;  // all that may open something
  /// Of the metadata of files' objects, the one to write with first.
  std::vector<Passphrase> metadata_passphrases_;
  std::map<std::string, Stranger> plain_;
};

}  // namespace ib
