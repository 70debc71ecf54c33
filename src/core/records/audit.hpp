// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ib {

/// The sums of an audit. Each original that the database names (but for external ones that no extra
/// root covers) is counted in one of proven ... accepted.
struct Audit {
  std::uint64_t originals = 0;  ///< trashed ones included
  std::uint64_t proven = 0;     ///< stored, with the SHA-1 that Immich recorded
  /// Stored, and what Immich recorded says nothing of the bytes, or the stored ones' SHA-1 is not
  /// known yet.
  std::uint64_t stored = 0;
  std::uint64_t moved = 0;    ///< stored under another path: it moved between the dump and the scan
  std::uint64_t gone = 0;     ///< stored, and no longer in the library
  std::uint64_t differs = 0;  ///< stored, but not what Immich recorded
  std::uint64_t missing = 0;  ///< not stored
  std::uint64_t left = 0;     ///< not stored: deleted since the dump, or excluded from the backup
  std::uint64_t accepted = 0;  ///< missing or different, and the owner knows

  std::uint64_t others = 0;  ///< sidecars and avatars that the database names
  std::uint64_t others_missing = 0;
  std::uint64_t trashed = 0;  ///< of the originals
  std::uint64_t external =
      0;  ///< files of external libraries that no extra root covers: not in the backup
  std::uint64_t unknown = 0;  ///< files of the library that the database does not name

  /// What a restore brings back as Immich knows it.
  std::uint64_t protected_originals() const { return proven + stored + moved + gone; }
  friend bool operator==(const Audit&, const Audit&) = default;
};

}  // namespace ib
