// SPDX-License-Identifier: Apache-2.0
//
// Rows between a working copy and other files: other heads, checkpoints, and the packed manifest.
#pragma once

#include "manifest/manifest.hpp"

#include <string>

namespace ib {

/// Takes over what another manifest has and this one does not. Where the two have different states
/// of a path, the one counts that knows the other's and has moved on from it. Where neither knows
/// the other's, what is there counts before what is gone, then the later mtime, then the greater
/// checksum: no clock decides, and the order of merging does not matter. Both contents stay, and
/// the next run reads that file again.
Result<> merge(Manifest& manifest, const std::string& other_file);

/// Writes the rows that were written since RunPlan::begin() or forget_changes(), with the contents
/// that were kept aside among their history, into a manifest of its own at `file`, which must not
/// exist: merged into another copy, it brings that up to date. False, and no file, where there are
/// none, or no plan.
Result<bool> extract_changes(Manifest& manifest, const std::string& file);
/// Once what was extracted is safe. Nothing may be written in between.
Result<> forget_changes(Manifest& manifest);

/// Writes a compact copy to `file`, which must not exist, checks that copy from end to end, and
/// counts its rows. corrupt where what was recorded since RunPlan::begin() is not there.
Result<> pack(Manifest& manifest, const std::string& file);

}  // namespace ib
