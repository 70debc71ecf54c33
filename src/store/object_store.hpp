// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/names/object_name.hpp"
#include "core/names/removable_name.hpp"
#include "core/pricing/storage_class.hpp"
#include "core/records/file_record.hpp"
#include "store/store_address.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace ib {

class ChecksumSource;

using Metadata = std::map<std::string, std::string>;
/// What `key` has there; empty where there is no such key.
std::string text_in(const Metadata& metadata, const std::string& key);

/// What an encrypted object holds.
struct PlainForm {
  std::uint64_t size = 0;
  Crc32c crc32c;
  /// As in EncryptedObject; empty where the object does not tell.
  std::string recipients;
  /// Of the age file, as it was known before it was sent. Absent where it was not: of a large one,
  /// which is encrypted while it is sent.
  std::optional<Crc32c> announced_crc32c = std::nullopt;
};

struct ObjectInfo {
  ObjectName name;
  /// Absent where a listing does not tell it: a proxy, or an odd object. Then the object counts as
  /// neither stored nor whole.
  std::optional<std::uint64_t> size = 0;
  std::optional<Crc32c> crc32c;  ///< absent where the store does not know it without reading
  Metadata metadata = {};
  std::uint64_t generation = 0;  ///< identifies this version of the object, for replace()
  std::optional<StorageClass> storage_class =
      std::nullopt;  ///< absent where the store has no classes
  /// By the store's clock; absent where the store has none that can be relied on, and where only
  /// names were asked for.
  std::optional<Timestamp> created = std::nullopt;
  /// Of an object that is stored encrypted: `size` and `crc32c` are those of its age file. Absent
  /// of others, and where its metadata was not asked for or is lost.
  std::optional<PlainForm> plain = std::nullopt;

  /// Of what the object holds: of its plain form, where it is encrypted.
  std::optional<std::uint64_t> content_size() const { return plain ? plain->size : size; }
  std::optional<Crc32c> content_crc32c() const { return plain ? plain->crc32c : crc32c; }
};

/// Whether the stored bytes are those that were announced. What an encrypted object says of its
/// content says nothing of the bytes, which may have been damaged on their way: nobody could
/// decrypt them. True of what is not encrypted, whose checksum is that of its content. False where
/// nothing was announced, and where the store does not tell the checksum.
bool holds_what_was_announced(const ObjectInfo& object);

/// What the manifest records of an encrypted object. Absent of others.
std::optional<EncryptedObject> encrypted_object(const ObjectInfo& object);

/// What to say of an object without a size.
inline constexpr std::string_view kUntoldSize = "the store does not tell how large it is";

/// An object to be created.
struct NewObject {
  ObjectName name;
  std::uint64_t size = 0;
  /// Absent where nobody has read all of the bytes before. Then `checksum` tells it.
  std::optional<Crc32c> crc32c = std::nullopt;
  Metadata metadata = {};
  std::string content_type = "application/octet-stream";
  /// "gzip" if the bytes are gzip and HTTP clients should receive the expanded content. Otherwise
  /// empty. Size and CRC32C always describe the bytes themselves.
  std::string content_encoding = {};
  /// Identifies all attempts at one put() or replace(), and no others. A store that remembers it
  /// answers a second attempt as it answered the first, whose reply was lost. Empty: an attempt of
  /// its own.
  std::string operation = {};
  /// Where crc32c is absent: what computes it of the source that is put. Outlives the call.
  const ChecksumSource* checksum = nullptr;

  /// Empty as long as not all bytes were read.
  std::optional<Crc32c> known_crc32c() const;
  /// Whether `stored` has this size and this CRC32C. False where one of them is not known.
  bool is_confirmed_by(const ObjectInfo& stored) const;
};

/// An object that is written as it is produced. Nothing is visible before commit(). The destructor
/// discards what was not committed. Used by one thread.
class ObjectWriter {
public:
  virtual ~ObjectWriter() = default;
  virtual Result<> write(ByteView bytes) = 0;
  /// Makes the object visible. precondition_failed if the name was taken meanwhile.
  virtual Result<ObjectInfo> commit() = 0;
};

/// A listing in progress. Used by one thread. After `unavailable`, next() may be called again.
class ObjectCursor {
public:
  virtual ~ObjectCursor() = default;
  virtual Result<std::optional<ObjectInfo>> next() = 0;
};

/// Which objects' metadata a listing includes. Below library/ there may be millions of objects: a
/// bucket takes longer to send their metadata, and a folder must open each file.
enum class ListedMetadata : std::uint8_t {
  of_few,  ///< of all objects except those below library/
  of_all,
};

/// What only some stores can do. Each member that is true is a promise, which tests/contract
/// checks.
struct StoreFeatures {
  /// put() and replace() accept an object with a content encoding, and the store undoes the
  /// encoding for readers that do not accept it. If false, such an object is `invalid`, because a
  /// person would find bytes that nothing explains.
  bool keeps_encodings = false;
  /// list() tells each object's CRC32C. Then a listing proves content, not only names and sizes.
  bool lists_checksums = false;
  /// replace() replaces exactly the given version, or fails with precondition_failed. If false, it
  /// replaces whatever is there.
  bool replaces_by_generation = false;
  /// Objects are stored encrypted: what is put is plain, and what get() gives; sizes and CRC32Cs of
  /// a listing are those of what is stored (ObjectInfo::plain). The names of files' objects have to
  /// come from the store (EncryptedStore), since a plain one would tell.
  bool encrypts = false;
  /// put() may read a source of up to so many bytes twice. It reads a larger one once.
  std::uint64_t reads_twice_up_to = 0;
  bool operator==(const StoreFeatures&) const = default;
};

/// Where backups are kept: a flat map from object name to immutable bytes.
///
/// Every implementation promises, and tests/contract checks, that
///   - put() and commit() are all or nothing: no reader ever sees part of an object;
///   - they never replace an object: a taken name is precondition_failed, a name that this store
///     cannot hold is invalid, more bytes than it can hold in one object are too_large, and none of
///     these changes anything;
///   - bytes that do not match the given size and CRC32C are corrupt and are not stored;
///   - what they return is what the store holds: size and CRC32C as the store computed them;
///   - a successful put() is durable, and visible to the next get(), stat() and list();
///   - list() yields names in byte order, each once;
///   - remove() removes the whole object, and succeeds if there is no such object any more;
///   - every member does what features() says;
///   - every wait ends with `cancelled`, within a second or two, once `stop` is requested;
///   - all members may be called from several threads at once.
///
/// Only retention calls remove(), and a RemovableName cannot name what holds the library's content.
class ObjectStore {
public:
  virtual ~ObjectStore() = default;

  virtual const StoreAddress& address() const = 0;
  std::string url() const { return address().url(); }

  /// Creates an object from a source of known size and checksum.
  virtual Result<ObjectInfo> put(const NewObject& object, ByteSource& source,
                                 const std::stop_token& stop) = 0;

  /// Creates an object whose size is known only at its end. `stop` also stops the writer.
  virtual Result<std::unique_ptr<ObjectWriter>> create(const ObjectName& name,
                                                       const Metadata& metadata,
                                                       const std::string& content_type,
                                                       const std::stop_token& stop) = 0;

  /// Creates an object, or replaces its version `generation` (0: there is none yet; see
  /// StoreFeatures::replaces_by_generation). Only for manifest.db and manifest.json, which are
  /// copies for people, and for the store's marker, by the owner. denied if the credential does not
  /// allow it.
  virtual Result<ObjectInfo> replace(const NewObject& object, ByteSource& source,
                                     std::uint64_t generation, const std::stop_token& stop) = 0;

  /// Removes an object for good. Succeeds if there is no such object. denied if the credential does
  /// not allow it.
  virtual Result<> remove(const RemovableName& name, const std::stop_token& stop) = 0;

  /// Describes one object, always with its CRC32C. not_found if there is none.
  virtual Result<ObjectInfo> stat(const ObjectName& name, const std::stop_token& stop) = 0;

  /// Feeds an object's bytes, exactly as they were put, to `sink` in order, beginning at `offset`.
  /// not_found if there is none. corrupt if the bytes that arrived are not those that the store
  /// holds.
  virtual Result<> get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
                       std::uint64_t offset = 0) = 0;

  /// Lists the objects whose names begin with `prefix` and are not before `start`. `stop` also
  /// stops the cursor.
  virtual Result<std::unique_ptr<ObjectCursor>> list(
      const std::string& prefix, const std::string& start, const std::stop_token& stop,
      ListedMetadata metadata = ListedMetadata::of_few) = 0;

  /// Never changes while the store is open.
  virtual StoreFeatures features() const = 0;

  /// The store's own clock; where it has none, or tells none, this machine's. It dates manifests.
  virtual Result<Timestamp> now(const std::stop_token& stop) = 0;
};

/// The content of a small object. What arrives damaged is fetched once more. corrupt if it is
/// larger than `limit` bytes.
Result<std::string> get_small(ObjectStore& store, const ObjectName& name, std::uint64_t limit,
                              const std::stop_token& stop);

/// Creates a small object.
Result<ObjectInfo> put_small(ObjectStore& store, const ObjectName& name, std::string_view bytes,
                             const Metadata& metadata, const std::string& content_type,
                             const std::stop_token& stop);

}  // namespace ib
