// SPDX-License-Identifier: Apache-2.0
//
// Stores that hold a manifest of version 2.0, which this program's predecessor wrote.
#pragma once

#include "manifest/manifest.hpp"
#include "manifest/older_manifest.hpp"
#include "repository/context.hpp"
#include "sys/file.hpp"

#include <string>
#include <string_view>

namespace ib {

/// What the older manifest in `scratch`'s `file` claims, as far as the store's listing bears it
/// out, in a manifest of this version that does not count as changed. `name` is what messages call
/// it.
struct TakenOverManifest {
  Manifest manifest;
  TakenOver what;
};
Result<TakenOverManifest> take_over_manifest(const RepositoryContext& repository,
                                             const ScratchFolder& scratch, const std::string& file,
                                             std::string_view name);

}  // namespace ib
