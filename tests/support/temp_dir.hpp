// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ib::test {

/// A temporary folder for a test. The destructor removes it with its contents. All failures throw,
/// because a test without its files proves nothing.
class TempDir {
public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::string& path() const { return path_; }
  std::string file(std::string_view relative) const { return path_ + "/" + std::string(relative); }

  /// Writes a file and creates its folders. `mtime_ns` counts from 1970. 0 keeps the time of the
  /// write.
  void write_file(std::string_view relative, std::string_view bytes,
                  std::int64_t mtime_ns = 0) const;
  std::string read_file(std::string_view relative) const;
  void make_folder(std::string_view relative) const;
  void make_symlink(std::string_view relative, const std::string& to) const;
  void make_fifo(std::string_view relative) const;
  void make_socket(std::string_view relative) const;
  void remove(std::string_view relative) const;
  void set_mtime(std::string_view relative, std::int64_t mtime_ns) const;
  bool exists(std::string_view relative) const;  ///< does not follow links
  std::int64_t mtime_ns(std::string_view relative) const;

  /// All files below `relative` and all empty folders (with a slash at the end), in byte order.
  std::vector<std::string> list_tree(std::string_view relative = {}) const;

private:
  std::string path_;
};

/// While it lives, file permissions apply to this process, even if root started it. All folders on
/// the way to the tested files must be open to everybody, as a TempDir is.
class WithoutRoot {
public:
  WithoutRoot();
  WithoutRoot(const WithoutRoot&) = delete;
  WithoutRoot& operator=(const WithoutRoot&) = delete;
  ~WithoutRoot();

private:
  bool was_root_ = false;
};

}  // namespace ib::test
