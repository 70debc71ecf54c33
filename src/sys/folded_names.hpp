// SPDX-License-Identifier: Apache-2.0
//
// File systems that take two names for one: "A.jpg" and "a.jpg" (exFAT, NTFS, SMB), or two ways to
// write an "é" (HFS+, some ZFS datasets).
#pragma once

#include "base/result.hpp"
#include "sys/file.hpp"

#include <string>

namespace ib {

/// Whether the file system of `folder` does so. Finds out with a file of its own, which is gone
/// afterwards. False where nothing can be written.
bool folds_names(const Folder& folder);

/// Whether each component of `path` stands in its folder just so, and not under another spelling.
/// False where it is not there. Lists these folders.
Result<bool> is_spelled_so(const Folder& root, const std::string& path);

}  // namespace ib
