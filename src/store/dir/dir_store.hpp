// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/object_store.hpp"

#include <memory>
#include <string>

namespace ib {

/// A store in a folder: each object is a file of its name below `path`, so that a person can look
/// at it, copy it and restore from it without this program. Metadata lies in the extended attribute
/// user.immich-backup where the file system has attributes; everything that a restore needs is in
/// the manifest as well, so a copy of the folder without attributes is as good. Unfinished writes
/// lie below .incomplete/ and are removed by the next run that writes.
std::unique_ptr<ObjectStore> open_dir_store(std::string path);

}  // namespace ib
