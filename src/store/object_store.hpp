// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/names/object_name.hpp"
#include "core/names/removable_name.hpp"
#include "core/pricing/storage_class.hpp"
#include "store/store_address.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

namespace ib {

using Metadata = std::map<std::string, std::string>;

/// An object as the store describes it.
struct ObjectInfo {
  ObjectName name;
  std::uint64_t size = 0;
  std::optional<Crc32c> crc32c;  ///< absent where the store does not know it without reading
  Metadata metadata = {};
  std::uint64_t generation = 0;  ///< identifies this version of the object, for replace()
  std::optional<StorageClass> storage_class =
      std::nullopt;  ///< absent where the store has no classes
};

/// An object to be created.
struct NewObject {
  ObjectName name;
  std::uint64_t size = 0;
  Crc32c crc32c;
  Metadata metadata = {};
  std::string content_type = "application/octet-stream";
  /// "gzip" where the bytes are the content in gzip and HTTP clients shall be given the content
  /// itself; else empty. Size and CRC32C are always those of the bytes.
  std::string content_encoding = {};
  /// What all attempts at one put() or replace() have in common, and no other's have: a store that
  /// keeps it answers a second attempt as it answered the first, whose reply was lost. Empty: an
  /// attempt of its own.
  std::string operation = {};
};

/// An object that is written as it is produced. Nothing is visible before commit(); the destructor
/// gives up what was not committed. Used by one thread.
class ObjectWriter {
public:
  virtual ~ObjectWriter() = default;
  virtual Result<> write(ByteView bytes) = 0;
  /// Makes the object visible; precondition_failed if the name was taken meanwhile.
  virtual Result<ObjectInfo> commit() = 0;
};

/// A listing in progress. Used by one thread. After `unavailable`, next() may be called again.
class ObjectCursor {
public:
  virtual ~ObjectCursor() = default;
  virtual Result<std::optional<ObjectInfo>> next() = 0;
};

/// Which objects' metadata a listing includes: that of those below library/, of which there may be
/// millions, takes a bucket longer to send, and a folder an open of each file.
enum class ListedMetadata : std::uint8_t {
  of_few,  ///< of all but those below library/
  of_all,
};

/// What not every store can do. Each is a promise where it is true, and tests/contract checks it.
struct StoreFeatures {
  /// put() and replace() take an object with a content encoding, which the store undoes for readers
  /// that do not take it. Where false, such an object is `invalid`: a person would find bytes that
  /// nothing explains.
  bool keeps_encodings = false;
  /// list() tells each object's CRC32C: then a listing proves content, and not names and sizes
  /// alone.
  bool lists_checksums = false;
  /// replace() replaces exactly the version that it is told, else it is precondition_failed. Where
  /// false, it replaces whatever is there.
  bool replaces_by_generation = false;
  bool operator==(const StoreFeatures&) const = default;
};

/// Where backups are kept: a flat map from object name to immutable bytes.
///
/// Every implementation promises, and tests/contract checks, that
///   - put() and commit() are all or nothing: no reader ever sees part of an object;
///   - they never replace an object: a taken name is precondition_failed, a name that this store
///     cannot hold is invalid, and neither changes anything;
///   - bytes that do not match the given size and CRC32C are corrupt and are not stored;
///   - what they return is what the store holds: size and CRC32C as the store computed them;
///   - a successful put() is durable, and visible to the next get(), stat() and list();
///   - list() yields names in byte order, each once;
///   - remove() removes the whole object, and succeeds where there is none any more;
///   - it does what its features() say;
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

  /// Creates an object whose size is known only at its end. `stop` holds for the writer as well.
  virtual Result<std::unique_ptr<ObjectWriter>> create(const ObjectName& name,
                                                       const Metadata& metadata,
                                                       const std::string& content_type,
                                                       const std::stop_token& stop) = 0;

  /// Creates an object, or replaces the version `generation` of it (0: there is none yet; see
  /// StoreFeatures::replaces_by_generation). Only for manifest.db and manifest.json, which are
  /// copies for people. denied where the credential may not.
  virtual Result<ObjectInfo> replace(const NewObject& object, ByteSource& source,
                                     std::uint64_t generation) = 0;

  /// Removes an object, for good. A name that no object has is a success. denied where the
  /// credential may not.
  virtual Result<> remove(const RemovableName& name, const std::stop_token& stop) = 0;

  /// One object's description, its CRC32C always among it; not_found if there is none.
  virtual Result<ObjectInfo> stat(const ObjectName& name, const std::stop_token& stop) = 0;

  /// Feeds an object's bytes, as they were put, from `offset` on to `sink`, in order. not_found if
  /// there is none; corrupt if what came is not what the store says that it holds.
  virtual Result<> get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
                       std::uint64_t offset = 0) = 0;

  /// The objects whose names begin with `prefix`, from the first that is not before `start`.
  virtual Result<std::unique_ptr<ObjectCursor>> list(
      const std::string& prefix, const std::string& start,
      ListedMetadata metadata = ListedMetadata::of_few) = 0;

  /// The same as long as the store is open.
  virtual StoreFeatures features() const = 0;

  /// The store's own clock, by which manifests are dated.
  virtual Result<Timestamp> now() = 0;
};

/// The whole of a small object; corrupt if it is larger than `limit` bytes.
Result<std::string> get_small(ObjectStore& store, const ObjectName& name, std::uint64_t limit,
                              const std::stop_token& stop);

/// Creates a small object.
Result<ObjectInfo> put_small(ObjectStore& store, const ObjectName& name, std::string_view bytes,
                             const Metadata& metadata, const std::string& content_type,
                             const std::stop_token& stop);

}  // namespace ib
