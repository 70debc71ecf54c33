// SPDX-License-Identifier: Apache-2.0
//
// Rows between a working copy and other files: other heads, checkpoints, and the packed manifest.
#pragma once

#include "manifest/manifest.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ib {

/// Takes over what another manifest has and this one does not. Where the two have different states
/// of a path, the one counts that knows the other's and has moved on from it. Where neither knows
/// the other's, what is there counts before what is gone, then the later mtime, then the greater
/// checksum: no clock decides, and the order of merging does not matter. Both contents stay, and
/// the next run reads that file again.
Result<> merge(Manifest& manifest, const std::string& other_file);

/// Writes the rows that were written since RunPlan::begin() or forget_changes(), with the past of
/// their paths, into a manifest of its own at `file`, which must not exist: merged into another
/// copy, it brings that up to date. False, and no file, where there are none, or no plan.
Result<bool> extract_changes(Manifest& manifest, const std::string& file);
/// Once what was extracted is safe. Nothing may be written in between.
Result<> forget_changes(Manifest& manifest);

/// The full manifest that a delta lies on.
struct DeltaBase {
  ObjectName object;
  Sha256 sha256;                  ///< of the plain SQLite file
  std::uint64_t sent_before = 0;  ///< bytes of the earlier deltas on it, as they were stored
};

/// Says what `manifest` lies on, as it was extracted; absent of a full one. corrupt where it says
/// half of that.
Result<std::optional<DeltaBase>> base_of(const Manifest& manifest);

/// Takes note of what is written from now on, for extract_delta(); apply_delta() does so by itself.
Result<> track_changes(Manifest& manifest);

/// Writes all that was written since the full manifest `base` was opened, earlier deltas on it
/// included, into a manifest of its own at `file`, which must not exist, and checks that from end
/// to end. False, and no file, where rows were dropped, or nobody took note of what was written:
/// then only a full one will do.
Result<bool> extract_delta(Manifest& manifest, const DeltaBase& base, const std::string& file);
/// How many rows extract_delta() would write at the least.
Result<std::uint64_t> changed_rows(const Manifest& manifest);
/// Brings the full manifest, as it was opened, up to date with a delta on it, which
/// Manifest::open() has read.
Result<> apply_delta(Manifest& full, const std::string& delta_file);
/// Makes of a delta whose base is lost a part that can be merged into another manifest.
Result<> commit_to_nothing(Manifest& part);

/// Writes a compact copy to `file`, which must not exist, checks that copy from end to end, and
/// counts its rows. corrupt where what was recorded since RunPlan::begin() is not there.
Result<> pack(Manifest& manifest, const std::string& file);

}  // namespace ib
