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
  std::uint64_t free_bytes = 0;  ///< that this user may fill
  std::uint64_t total_bytes = 0;
};

/// `path` without links, or its nearest parent that exists, if it does not exist itself.
std::string nearest_existing(const std::string& path);

/// Whether `path` is `folder`, or lies in it, links followed. A folder that is mounted at two
/// places is one. Neither needs to exist.
bool lies_in(const std::string& path, const std::string& folder);
/// Whether two folders are the same, or one lies in the other.
bool overlap(const std::string& one, const std::string& other);

/// The file system of nearest_existing(path).
Result<FileSystem> file_system_of(const std::string& path);

/// invalid if what is written at `path` is gone with the container that this program runs in.
/// `what` begins the message: "the machine key".
Result<> require_lasting_place(const std::string& what, const std::string& path);

/// Finds the mount of `path`, which is absolute and free of links, in the text of
/// /proc/self/mountinfo. Fills in the type and the mount point if it finds one. Pure.
FileSystem find_mount(std::string_view mountinfo, std::string_view path);

/// Whether the permissions of the file or folder allow this user to do so. False if it does not
/// exist.
bool may_read(const std::string& path);
bool may_write(const std::string& path);
/// Whether its permissions let every user of this machine read the file. False if it does not
/// exist.
bool others_may_read(const std::string& path);

}  // namespace ib
