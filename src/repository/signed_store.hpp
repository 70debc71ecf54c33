// SPDX-License-Identifier: Apache-2.0
//
// A store of which only what a trusted key has signed is there: to all that reads through it, a
// stranger's manifests, restore points, marks and proofs do not exist.
#pragma once

#include "base/time.hpp"
#include "core/names/object_name.hpp"
#include "repository/machine_key.hpp"
#include "store/object_store.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ib {

/// An object that is set aside.
struct Stranger {
  enum class Why : std::uint8_t {
    nobodys,        ///< nobody has signed it, or its metadata was lost
    unknown_key,    ///< `by` has signed it, which is not trusted
    forged,         ///< it carries a signature that was not made for it
    other_store,    ///< it was signed for the store `by`
    distrusted,     ///< the owner does not trust it, or what it builds on
    not_encrypted,  ///< it is plain, and the store is encrypted
  };
  ObjectName name;
  Why why = Why::nobodys;
  std::string by = {};
  ObjectInfo info = {};  ///< as the store lists it
};
/// "not signed", "signed by ed25519:0123456789abcdef".
std::string reason_text(const Stranger& stranger);

/// What --distrust sets aside: what the store says was created between two times, or one name.
struct Distrusted {
  std::optional<ObjectName> name = std::nullopt;
  Timestamp from{}, to{};

  /// "2026-01-15/2026-01-20T12:00Z", or the name of a manifest, a restore point or a proof.
  static Result<Distrusted> parse(std::string_view text);
};

/// Whose word counts.
struct TrustedKeys {
  std::shared_ptr<const MachineKey> own = nullptr;  ///< absent: this machine signs nothing
  std::vector<PublicKey> others = {};               ///< trusted beside its public half
  std::vector<Distrusted> distrusted = {};

  std::vector<PublicKey> all() const;
  bool trust(const PublicKey& key) const;
};

/// Passes everything on to another store, but for these:
///   - put() and replace() sign manifests, checkpoints, restore points, run marks and proofs, and
///     tag what holds a file, where there is a machine key;
///   - list() leaves out those of them that no trusted key has signed, with their metadata as it
///     is, for this store and this name; it keeps them as strangers;
///   - get() gives a document only if it is signed, and only with the bytes that were signed.
/// The store's marker is not signed: nobody can replace it, and it tells nothing but the store's
/// id. Dumps are not: the restore points that name them tell their SHA-256.
class SignedStore final : public ObjectStore {
public:
  /// `inner` must outlive it. invalid if an interval is distrusted where no store tells the time
  /// at which an object was created.
  static Result<std::unique_ptr<SignedStore>> open(ObjectStore& inner, TrustedKeys keys);

  /// Whether this machine's key has tagged this object of a file, with its size and its SHA-256.
  /// Needs a machine key; false without.
  bool is_own_upload(const ObjectInfo& object) const;
  /// Whether the owner has set it aside (--distrust).
  bool is_distrusted(const ObjectInfo& object) const;
  /// Whether anything in the store is signed by a trusted key, whatever its marker says: whoever
  /// can write to a folder can remove that.
  Result<bool> holds_trusted(const std::stop_token& stop) const;
  /// Of all that was listed so far, in the order of names.
  std::vector<Stranger> strangers() const;
  /// The SHA-256, in hexadecimal, that was signed of an object that was listed: of a manifest or a
  /// checkpoint in its plain form. Empty where it does not count.
  std::string signed_sha256(const ObjectName& name) const;
  /// Whether this machine's key has signed an object that was listed, when it was stored.
  bool is_signed_here(const ObjectName& name) const;
  const TrustedKeys& keys() const { return keys_; }
  ObjectStore& inner() const { return inner_; }
  /// The id in the statements of this store's signatures; empty where nothing tells it.
  Result<std::string> store_id(const std::stop_token& stop);
  /// Signs these objects, whoever has written them, by one document beside them. Their digests are
  /// as the caller has read them.
  struct Vouched {
    ObjectName name;
    std::string sha256;  ///< hexadecimal, as in ObjectInfo's metadata of a signed object
    Metadata metadata;
  };
  Result<ObjectName> vouch_for(const std::vector<Vouched>& objects, Timestamp now,
                               const std::stop_token& stop);

  // ---- ObjectStore

  const StoreAddress& address() const override { return inner_.address(); }
  Result<ObjectInfo> put(const NewObject& object, ByteSource& source,
                         const std::stop_token& stop) override;
  Result<std::unique_ptr<ObjectWriter>> create(const ObjectName& name, const Metadata& metadata,
                                               const std::string& content_type,
                                               const std::stop_token& stop) override
  {
    return inner_.create(name, metadata, content_type, stop);
  }
  Result<ObjectInfo> replace(const NewObject& object, ByteSource& source, std::uint64_t generation,
                             const std::stop_token& stop) override;
  Result<> remove(const RemovableName& name, const std::stop_token& stop) override
  {
    return inner_.remove(name, stop);
  }
  Result<ObjectInfo> stat(const ObjectName& name, const std::stop_token& stop) override
  {
    return inner_.stat(name, stop);
  }
  Result<> get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
               std::uint64_t offset) override;
  Result<std::unique_ptr<ObjectCursor>> list(const std::string& prefix, const std::string& start,
                                             const std::stop_token& stop,
                                             ListedMetadata metadata) override;
  StoreFeatures features() const override { return inner_.features(); }
  Result<Timestamp> now(const std::stop_token& stop) override { return inner_.now(stop); }

private:
  class Cursor;
  struct Attested {
    std::string sha256, metadata_sha256;
  };

  SignedStore(ObjectStore& inner, TrustedKeys keys) : inner_(inner), keys_(std::move(keys)) {}

  Result<NewObject> signed_form(const NewObject& object, ByteSource& source,
                                const std::stop_token& stop);
  /// Lists all of manifest*, learns the store's id from it, and returns what counts of it.
  Result<std::vector<ObjectInfo>> look_at_manifests(const std::stop_token& stop);
  Result<> learn_what_was_vouched_for(const std::vector<ObjectInfo>& objects,
                                      const std::stop_token& stop);
  void learn_id(const std::vector<ObjectInfo>& objects);
  std::optional<Stranger> judge(const ObjectInfo& object) const;
  bool counts(const ObjectInfo& object);
  void set_aside(Stranger stranger);

  ObjectStore& inner_;
  TrustedKeys keys_;
  mutable std::mutex mutex_;  // guards what follows
  std::optional<std::string> id_;
  std::map<std::string, Stranger> strangers_;
  struct Signed {
    std::string sha256;  // in hexadecimal
    bool here = false;   // by this machine's key
  };
  std::map<std::string, Signed> signed_;      // by name
  std::map<std::string, Attested> attested_;  // by name
  std::set<std::string> read_attestations_;
};

}  // namespace ib
