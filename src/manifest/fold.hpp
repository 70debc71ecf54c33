// SPDX-License-Identifier: Apache-2.0
//
// History as long as the restore points that are kept.
#pragma once

#include "base/result.hpp"
#include "manifest/manifest.hpp"

#include <cstdint>
#include <span>

namespace ib {

/// Drops the earlier states of paths in which none of these generations lies: no restore point that
/// is kept can bring them back. Each content keeps at least one row with its path, so that all that
/// was ever stored can still be found. The number of rows that were dropped. Afterwards only a full
/// manifest will do. Memory does not grow with the rows.
Result<std::uint64_t> fold_past(Manifest& manifest, std::span<const std::uint64_t> kept);

}  // namespace ib
