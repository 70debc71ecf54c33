// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ib {

/// What a restore of a point brings to the database that lies beside it: the sums of an audit. Each
/// original that the database names (but for external ones that no extra root covers) is counted in
/// one of proven ... accepted.
struct Audit {
  std::uint64_t originals = 0;  ///< trashed ones included
  /// A restore puts content with Immich's SHA-1 at the path that the database names.
  std::uint64_t proven = 0;
  /// A restore puts content at that path, and nothing says whether it is the right one: Immich has
  /// no checksum of the bytes, or theirs is not known yet.
  std::uint64_t stored = 0;
  std::uint64_t differs = 0;   ///< other content lies at that path, and Immich's is not stored
  std::uint64_t missing = 0;   ///< not stored
  std::uint64_t excluded = 0;  ///< not stored, since the owner's --exclude leaves it out
  std::uint64_t deleted = 0;   ///< not stored, and Immich was deleting it when the dump was taken
  /// Not stored, and in an external library where Immich itself did not find it lately.
  std::uint64_t offline = 0;
  std::uint64_t accepted = 0;  ///< missing or different, and the owner knows
  /// Stored under another path than a restore of this point puts it at. Only in documents of
  /// version 3, whose restores did not place content.
  std::uint64_t elsewhere = 0;

  std::uint64_t placed =
      0;  ///< of those proven or stored: the library has them elsewhere, or no more
  /// Of those proven: the library has other bytes at that path, which are kept, and not restored.
  std::uint64_t edited = 0;
  std::uint64_t others = 0;  ///< sidecars and avatars that the database names
  std::uint64_t others_missing = 0;
  std::uint64_t trashed = 0;  ///< of the originals
  std::uint64_t external =
      0;  ///< files of external libraries that no extra root covers: not in the backup
  std::uint64_t unknown = 0;  ///< files of the library that the database does not name

  /// What a restore brings back as Immich knows it.
  std::uint64_t protected_originals() const { return proven + stored; }
  /// What it does not, and nobody has said that this is right.
  std::uint64_t unprotected() const { return differs + missing + elsewhere; }
  friend bool operator==(const Audit&, const Audit&) = default;
};

}  // namespace ib
