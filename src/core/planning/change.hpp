// SPDX-License-Identifier: Apache-2.0
//
// What to make of changes that nobody may have wanted: content that is not what the manifest has
// for a path, and many files that vanish or change at once.
#pragma once

#include "core/planning/plan.hpp"

#include <cstdint>
#include <optional>

namespace ib {

enum class Change : std::uint8_t {
  edited,  ///< the file's new content is its content now
  /// The same, and Immich recorded the checksum of what it held before: somebody has edited it
  /// where it lies, or has damaged it. A restore brings what Immich recorded.
  edited_in_place,
  damaged,      ///< it looks unchanged, and Immich recorded what is stored: the file has rotted
  unexplained,  ///< size and time are as before, and nobody vouches for the new content
};

/// Judges a known file that was read and has other content than `known`. `immich` is the SHA-1 that
/// Immich recorded for the path; absent where it is not known. What is `damaged` or `unexplained`
/// stays as it is stored, and the new bytes are kept beside it.
Change judge_change(ReadReason reason, const Content& known, const Content& read,
                    const std::optional<Sha1>& immich);

/// When so much of a library is lost at once that it looks like an accident, or like ransomware.
struct Tripwire {
  double share = 0.3;         ///< of the files that are known
  std::uint64_t least = 100;  ///< below so many files it never trips: one deletes an album

  /// `lost` files have vanished or changed since the last run, of `known`.
  bool trips(std::uint64_t lost, std::uint64_t known) const;
};

}  // namespace ib
