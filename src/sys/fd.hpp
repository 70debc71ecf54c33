// SPDX-License-Identifier: Apache-2.0
//
// What every conversation with the kernel about files is made of.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

namespace ib {

/// The error for errno `number`: "<what>: No space left on device". ENOENT is not_found, EACCES and
/// EPERM are denied, EEXIST is precondition_failed, a stale handle or a network timeout is
/// unavailable, all else io.
Error errno_error(int number, std::string_view what);

/// An open file descriptor; closes it at the end. Movable, one owner.
class Fd {
public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void close();
  /// Gives the descriptor away, to be closed by somebody else.
  int release() { return std::exchange(fd_, -1); }

private:
  int fd_ = -1;
};

enum class FileKind : std::uint8_t { file, folder, symlink, fifo, socket, device };

std::string_view to_string(FileKind kind);

struct FileStat {
  FileKind kind = FileKind::file;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;  ///< since 1970
};

}  // namespace ib
