// SPDX-License-Identifier: Apache-2.0
//
// Sums over all rows of a manifest.
#pragma once

#include "core/pricing/usage.hpp"
#include "core/records/restore_point.hpp"
#include "manifest/manifest.hpp"

namespace ib {

Result<FileCounts> count_files(const Manifest& manifest);

/// The objects that rows rely on, each once. What has no known class counts as `unknown`.
Result<StoredTotals> stored_totals(const Manifest& manifest, StorageClass unknown);

}  // namespace ib
