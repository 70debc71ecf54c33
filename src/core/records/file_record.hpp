// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/digest.hpp"
#include "base/result.hpp"
#include "core/names/object_name.hpp"
#include "core/pricing/storage_class.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// An object that holds the age file of a content, as the store confirmed it.
struct EncryptedObject {
  std::uint64_t size = 0;  ///< of the age file, in bytes
  Crc32c crc32c;           ///< of the age file
  /// Who can decrypt it: the texts of the recipients, sorted, one a line, without a line break at
  /// the end.
  std::string recipients;
  friend bool operator==(const EncryptedObject&, const EncryptedObject&) = default;
};

/// Who can decrypt some of the objects that hold files.
struct RecipientSet {
  std::vector<std::string> keys;  ///< their texts, sorted
  std::uint64_t objects = 0;
};

/// What the manifest knows of a path: its content, confirmed by the store, and where that lies.
struct FileRecord {
  std::string path;
  Content content;
  std::int64_t mtime_ns = 0;  ///< kNoTime where it is not known, as where the SHA-1 is not either
  bool archived = false;      ///< the file is gone from the library; its content is kept
  bool recheck = false;       ///< its mtime could not be trusted when it was read: read it again
  bool suspect =
      false;  ///< the file held other bytes than these when it was last read, unexplained
  std::optional<StorageClass> storage_class =
      std::nullopt;  ///< the object's; absent where it is not known
  /// Where the content lies, if not at library_name(path).
  std::optional<ObjectName> object = std::nullopt;
  /// Of an encrypted object, when it is recorded. Reading a record leaves it absent.
  std::optional<EncryptedObject> encrypted = std::nullopt;

  ObjectName object_name() const { return object ? *object : ObjectName{"library" + path}; }
};

/// Records in the byte order of their whole paths.
class RecordCursor {
public:
  virtual ~RecordCursor() = default;
  virtual Result<std::optional<FileRecord>> next() = 0;
};

}  // namespace ib
