// SPDX-License-Identifier: Apache-2.0
// What all calls of the system about files share: errors, descriptors, kinds.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

namespace ib {

/// The error for errno `number`: "<what>: No space left on device". ENOENT is not_found. EACCES and
/// EPERM are denied. EEXIST is precondition_failed. EFBIG is too_large. A stale handle and a
/// network timeout are unavailable. Everything else is io.
Error errno_error(int number, std::string_view what);

/// Owns an open file descriptor and closes it in the destructor. Movable.
class Fd {
public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  /// False, with errno, if the system could not write all that was buffered: some network file
  /// systems say so only now. It is closed all the same.
  bool close();

private:
  int fd_ = -1;
};

enum class FileKind : std::uint8_t { file, folder, symlink, fifo, socket, device };

std::string_view to_string(FileKind kind);

/// Who may read what is created, whatever the umask is: files and folders get 0600 and 0700, 0640
/// and 0750, 0644 and 0755.
enum class Readers : std::uint8_t { owner, group, all };

struct FileStat {
  FileKind kind = FileKind::file;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;  ///< since 1970, or kNoTime
  std::int64_t ctime_ns = 0;  ///< when the file or its name, owner or mode changed last; the same
};

}  // namespace ib
