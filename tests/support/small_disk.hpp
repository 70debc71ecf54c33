// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace ib::test {

/// A small file system for a test. Absent if this user may not mount one.
class SmallDisk {
public:
  static std::unique_ptr<SmallDisk> mount(const std::string& path, const char* size)
  {
    std::filesystem::create_directories(path);
    const std::string options = std::string("size=") + size;
    if (::mount("tmpfs", path.c_str(), "tmpfs", 0, options.c_str()) != 0) return nullptr;
    return std::unique_ptr<SmallDisk>(new SmallDisk(path));
  }
  ~SmallDisk() { ::umount2(path_.c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  void grow(const char* size) const
  {
    const std::string options = std::string("size=") + size;
    ASSERT_EQ(::mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT, options.c_str()), 0);
  }

private:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace ib::test
