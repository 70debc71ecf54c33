// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ib {

/// The file system that holds a path.
struct FileSystem {
  std::string type;         ///< "ext4", "nfs4", "vfat"; empty if unknown
  std::string mount_point;  ///< empty if unknown
  bool read_only = false;
  std::uint64_t free_bytes = 0;  ///< for this user
  std::uint64_t total_bytes = 0;
};

/// `path` without links, or its nearest parent that exists.
std::string nearest_existing(const std::string& path);

/// Of nearest_existing(path).
Result<FileSystem> file_system_of(const std::string& path);

/// Which mount an absolute path without links lies on, by the text of /proc/self/mountinfo: type
/// and mount point are filled in, where one is found. Pure.
FileSystem find_mount(std::string_view mountinfo, std::string_view path);

/// Whether this user may do so, by the permissions of the file or folder; false where it does not
/// exist.
bool may_read(const std::string& path);
bool may_write(const std::string& path);

}  // namespace ib
