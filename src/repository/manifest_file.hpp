// SPDX-License-Identifier: Apache-2.0
//
// A manifest's bytes between a store and a file: a store that keeps content encodings has them in
// gzip, any other one has the plain SQLite file. Readers take either, wherever it lies: a person
// may have copied it.
#pragma once

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "core/records/restore_point.hpp"
#include "store/object_store.hpp"
#include "sys/file.hpp"

#include <memory>
#include <stop_token>
#include <string>

namespace ib {

/// A manifest that arrives, in either form, and becomes a plain file of a scratch folder. Holds
/// none of it in memory. One thread at a time.
class IncomingManifest {
public:
  /// Becomes `name` in `folder`.
  static Result<IncomingManifest> create(const Folder& folder, const std::string& name);
  IncomingManifest(IncomingManifest&&) noexcept;
  ~IncomingManifest();

  /// Takes bytes as they are stored. corrupt where they began as gzip and are damaged.
  Result<> write(ByteView stored);
  /// Gives the file its name; the plain content. corrupt where gzip was cut.
  Result<Content> finish();

private:
  struct State;
  explicit IncomingManifest(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A manifest that is ready to be stored.
struct OutgoingManifest {
  Content plain;                 ///< the SQLite file
  std::string file;              ///< what to send: that file, or its gzip form
  std::uint64_t size = 0;        ///< of what to send
  Crc32c crc32c;                 ///< of what to send
  std::string content_encoding;  ///< "gzip", or empty

  /// Creates it in the store as `name`, with its SHA-256 added to `metadata`.
  Result<ObjectInfo> put(ObjectStore& store, const ObjectName& name, Metadata metadata) const;
  /// The same in the place of what is there.
  Result<ObjectInfo> replace(ObjectStore& store, const ObjectName& name, Metadata metadata,
                             std::uint64_t generation) const;

private:
  NewObject object(const ObjectName& name, Metadata metadata) const;
};

/// Reads a packed manifest. For a store that keeps encodings or encrypts, writes its compressed
/// form beside it (".gz"). Holds none of it in memory.
Result<OutgoingManifest> prepare_manifest(const Folder& folder, const std::string& name,
                                          const StoreFeatures& features);

/// Fetches the manifest `name` into `file` of `folder`. From a bucket, one that arrives damaged is
/// fetched once more. corrupt if its plain bytes are not those of
/// `sha256_hex`, where that is not empty.
Result<ManifestInfo> fetch_manifest(ObjectStore& store, const ObjectName& name,
                                    const std::string& sha256_hex, const Folder& folder,
                                    const std::string& file, const std::stop_token& stop);

}  // namespace ib
