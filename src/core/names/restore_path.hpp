// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace ib {

/// The path below a restore's target for a manifest's file_path: without its leading slash. invalid
/// if it could lead out of the target ("..", an empty component, no leading slash, a NUL). Anybody
/// who could write to the bucket may have written the manifest.
Result<std::string> restore_path(std::string_view file_path);

}  // namespace ib
