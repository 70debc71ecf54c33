// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/digest.hpp"
#include "base/time.hpp"
#include "core/object_name.hpp"
#include "core/storage_class.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace ib {

/// A file as the scan finds it. `path` is below the media root and starts with a slash; it is
/// bytes.
struct SourceFile {
  std::string path;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
};

/// Announces, before anything below `prefix`, that a file's absence there proves nothing: the
/// folder could not be read to its end, or lacks the marker that shows that it is mounted. Without
/// a slash at its end, `prefix` is a name that is neither file nor folder now: it stands for the
/// file or the folder that it may have been.
struct UncertainFolder {
  std::string prefix;
};

using ScanItem = std::variant<SourceFile, UncertainFolder>;

/// What the manifest knows of a path: its content, confirmed by the store, and where that lies.
struct FileRecord {
  std::string path;
  Content content;
  std::int64_t mtime_ns =
      0;                  ///< 0 where the SHA-1 is not known either: nobody has read the file yet
  bool archived = false;  ///< the file is gone from the library; its content is kept
  bool recheck = false;   ///< its mtime could not be trusted when it was read: read it again
  bool suspect =
      false;          ///< the file held other bytes than these when it was last read, unexplained
  Timestamp since{};  ///< when this state began: the start of the run that recorded it
  std::optional<StorageClass> storage_class =
      std::nullopt;  ///< the object's; absent where it is not known
  /// Where the content lies, if not at library_name(path).
  std::optional<ObjectName> object = std::nullopt;

  ObjectName object_name() const { return object ? *object : ObjectName{"library" + path}; }
};

}  // namespace ib
