// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ib::test {

/// A folder of the test's own, removed with all that is in it at the end. Its own failures throw: a
/// test without its files proves nothing.
class TempDir {
public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::string& path() const { return path_; }
  std::string file(std::string_view relative) const { return path_ + "/" + std::string(relative); }

  /// Writes a file, making its folders. `mtime_ns` since 1970; 0 leaves the time as the write made
  /// it.
  void write_file(std::string_view relative, std::string_view bytes,
                  std::int64_t mtime_ns = 0) const;
  std::string read_file(std::string_view relative) const;
  void make_folder(std::string_view relative) const;
  void make_symlink(std::string_view relative, const std::string& to) const;
  void make_fifo(std::string_view relative) const;
  void make_socket(std::string_view relative) const;
  void remove(std::string_view relative) const;
  void set_mtime(std::string_view relative, std::int64_t mtime_ns) const;
  bool exists(std::string_view relative) const;  ///< links are not followed
  std::int64_t mtime_ns(std::string_view relative) const;

  /// Every file below `relative`, and each folder that is empty (with a slash at its end), in byte
  /// order.
  std::vector<std::string> list_tree(std::string_view relative = {}) const;

private:
  std::string path_;
};

/// While it lives, file permissions count for this process, even if it was started by root. The
/// folders on the way to what is tested have to be open to everybody; a TempDir is.
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
