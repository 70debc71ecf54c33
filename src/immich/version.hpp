// SPDX-License-Identifier: Apache-2.0
//
// What Immich's releases can do, by their names.
#pragma once

#include <string_view>

namespace ib {

/// Whether it looks like the name of a release, "v3.1.0", and holds nothing that a shell, a URL or
/// a file name would take for something else.
bool is_release(std::string_view version);

/// Whether this release restores a dump by itself: the first page of a new server, and
/// Administration, Maintenance. Since v2.5.0. False for what is no release.
bool restores_dumps(std::string_view version);

}  // namespace ib
