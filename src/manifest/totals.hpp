// SPDX-License-Identifier: Apache-2.0
//
// Sums over all rows of a manifest.
#pragma once

#include "core/pricing/usage.hpp"
#include "core/records/restore_point.hpp"
#include "manifest/manifest.hpp"

namespace ib {

struct RowTotals {
  FileCounts counts;
  StoredTotals stored;  ///< the objects that rows rely on, each once
};

/// An object without a known class counts as `unknown`.
Result<RowTotals> sum_up(const Manifest& manifest, StorageClass unknown);

/// The same counts, in less time where rows have moved.
Result<FileCounts> count_files(const Manifest& manifest);

}  // namespace ib
