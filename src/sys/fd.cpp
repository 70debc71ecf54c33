// SPDX-License-Identifier: Apache-2.0
#include "sys/fd.hpp"

#include <unistd.h>
#include <cerrno>
#include <string>
#include <system_error>

namespace ib {

Error errno_error(int number, std::string_view what)
{
  Errc code = Errc::io;
  std::string hint;
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      code = Errc::not_found;
      break;
    case EACCES:
    case EPERM:
      code = Errc::denied;
      break;
    case EINVAL:
    case ENAMETOOLONG:
    case EILSEQ:
      code = Errc::invalid;
      break;  // the file system cannot hold this name
    case EEXIST:
      code = Errc::precondition_failed;
      break;
    case ESTALE:
    case ETIMEDOUT:
      code = Errc::unavailable;
      break;
    case EFBIG:
      code = Errc::too_large;
      hint = "The file system there holds no file as large (FAT32: 4 GiB). Use another one.";
      break;
    case ENOSPC:
    case EDQUOT:
      hint = "Make room on that file system and run again. What was written whole already is kept.";
      break;
    case EROFS:
      hint =
          "That file system is mounted read-only. Linux does that to a disk that fails: look at "
          "`dmesg`.";
      break;
    default:
      break;
  }
  return {.code = code,
          .message = std::string(what) + ": " + std::generic_category().message(number),
          .hint = hint};
}

Fd& Fd::operator=(Fd&& other) noexcept
{
  if (this != &other) {
    static_cast<void>(close());
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

Fd::~Fd()
{
  static_cast<void>(close());  // whoever has written looks at it before
}

bool Fd::close()
{
  return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0 || errno == EINTR;
}

std::string_view to_string(FileKind kind)
{
  switch (kind) {
    case FileKind::file:
      return "file";
    case FileKind::folder:
      return "folder";
    case FileKind::symlink:
      return "symbolic link";
    case FileKind::fifo:
      return "FIFO";
    case FileKind::socket:
      return "socket";
    case FileKind::device:
      return "device";
  }
  std::unreachable();
}

}  // namespace ib
