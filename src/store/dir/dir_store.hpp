// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/object_store.hpp"

#include <memory>
#include <string>

namespace ib {

/// A store in a folder. Each object is a file of the same name below `path`, so a person can look
/// at it, copy it and restore from it without this program. The extended attribute
/// user.immich-backup holds the metadata, if the file system has attributes. The manifest also
/// holds everything that a restore needs, so a copy without attributes is just as good. Unfinished
/// writes are below .incomplete/; the next run that writes removes them.
///
/// What it creates is private: a dump holds password hashes. Its user's group may read new objects
/// where it may read the store's marker, or where there is no marker yet and `group_readable` is
/// set. Where the file system has no permissions, its mount options decide.
std::unique_ptr<ObjectStore> open_dir_store(std::string path, bool group_readable = false);

}  // namespace ib
