// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/digest.hpp"
#include "base/result.hpp"
#include "core/names/object_name.hpp"
#include "core/pricing/storage_class.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ib {

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

  ObjectName object_name() const { return object ? *object : ObjectName{"library" + path}; }
};

/// Records in the byte order of their whole paths.
class RecordCursor {
public:
  virtual ~RecordCursor() = default;
  virtual Result<std::optional<FileRecord>> next() = 0;
};

}  // namespace ib
