// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <string>

namespace ib {

/// invalid unless the folder at `path` is Immich's media root: it holds at least one of Immich's
/// folders, and neither the folder above it nor one in it looks more like it. A compose folder
/// holds library/ as well. The error names the right folder where there is one. Reads a few
/// folders; may follow links.
Result<> require_media_root(const std::string& path);

}  // namespace ib
