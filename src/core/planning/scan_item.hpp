// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

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
  std::int64_t mtime_ns = 0;  ///< or kNoTime
  /// When the file or its name, owner or mode changed last (ctime), by the clock of its file
  /// system. Nobody can set it, and only the plan reads it.
  std::int64_t ctime_ns = 0;
};

/// Announces, before anything below `prefix`, that a file's absence there proves nothing: the
/// folder could not be read to its end, or lacks the marker that shows that it is mounted. Without
/// a slash at its end, `prefix` is a name that is neither file nor folder now: it stands for the
/// file or the folder that it may have been.
struct UncertainFolder {
  std::string prefix;
};

using ScanItem = std::variant<SourceFile, UncertainFolder>;

/// A stream in the byte order of whole paths. An UncertainFolder sorts by its prefix.
class ScanCursor {
public:
  virtual ~ScanCursor() = default;
  virtual Result<std::optional<ScanItem>> next() = 0;
};

}  // namespace ib
