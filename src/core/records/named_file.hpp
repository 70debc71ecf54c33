// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/digest.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ib {

/// A file that Immich's database names.
struct NamedFile {
  enum class Kind : std::uint8_t { original, sidecar, avatar };
  Kind kind = Kind::original;
  /// As the database has it ("/data/upload/...", "upload/upload/..."), until it is mapped: then as
  /// the manifest has it ("/upload/...").
  std::string path;
  std::string id;             ///< of the asset, or of an avatar's user
  std::optional<Sha1> sha1;   ///< of its bytes, where Immich knows it
  bool odd_checksum = false;  ///< what is recorded cannot be a SHA-1: it has not 20 bytes
  bool external = false;      ///< of an external library
  bool offline = false;       ///< Immich itself did not find it lately
  bool trashed = false;
  bool being_deleted = false;  ///< Immich deletes it at the moment: it may be gone already
  bool outside = false;  ///< lies below no root that the backup knows: the path is the database's
  friend bool operator==(const NamedFile&, const NamedFile&) = default;
};

/// Files that the database names, in the byte order of their paths.
class NamedFileCursor {
public:
  virtual ~NamedFileCursor() = default;
  virtual Result<std::optional<NamedFile>> next() = 0;
};

}  // namespace ib
