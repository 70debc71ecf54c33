// SPDX-License-Identifier: Apache-2.0
//
// Rows between a working copy and other files: other heads, checkpoints, and the packed manifest.
#pragma once

#include "manifest/manifest.hpp"

#include <string>

namespace ib {

/// Takes over what another manifest has and this one does not: of each path the later state stays,
/// the earlier one becomes history. For heads of runs that did not know of each other.
Result<> merge(Manifest& manifest, const std::string& other_file);

/// Writes the rows that were written since RunPlan::begin() or forget_changes(), with the contents
/// that were kept aside among their history, into a manifest of its own at `file`, which must not
/// exist: merged into another copy, it brings that up to date. False, and no file, where there are
/// none, or no plan.
Result<bool> extract_changes(Manifest& manifest, const std::string& file);
/// Once what was extracted is safe. Nothing may be written in between.
Result<> forget_changes(Manifest& manifest);

/// Writes a compact copy to `file`, which must not exist, and checks that copy from end to end.
Result<> pack(Manifest& manifest, const std::string& file);

}  // namespace ib
