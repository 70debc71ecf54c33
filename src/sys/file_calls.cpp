// SPDX-License-Identifier: Apache-2.0
#include "sys/file_calls.hpp"

#include "base/time.hpp"

#include <fcntl.h>

namespace ib {

FileKind kind_of(mode_t mode)
{
  switch (mode & S_IFMT) {
    case S_IFREG:
      return FileKind::file;
    case S_IFDIR:
      return FileKind::folder;
    case S_IFLNK:
      return FileKind::symlink;
    case S_IFIFO:
      return FileKind::fifo;
    case S_IFSOCK:
      return FileKind::socket;
    default:
      return FileKind::device;
  }
}

std::string join(const std::string& folder, std::string_view name)
{
  if (name.empty()) return folder;
  return folder + "/" + std::string(name);
}

bool is_plain_component(std::string_view name)
{
  return !name.empty() && name != "." && name != ".." && !name.contains('/') &&
         !name.contains('\0');
}

std::pair<std::string_view, std::string> split_last(std::string_view relative)
{
  const std::size_t slash = relative.rfind('/');
  if (slash == std::string_view::npos) return {{}, std::string(relative)};
  return {relative.substr(0, slash), std::string(relative.substr(slash + 1))};
}

std::unexpected<Error> bad_component(const std::string& path)
{
  return fail(Errc::invalid, path + ": a name like this could lead out of its folder");
}

std::array<timespec, 2> times_with(std::int64_t mtime_ns)
{
  if (mtime_ns == kNoTime)
    return {{{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = 0, .tv_nsec = UTIME_NOW}}};
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t seconds = mtime_ns / kSecond;
  std::int64_t nanoseconds = mtime_ns % kSecond;
  if (nanoseconds < 0) {  // before 1970
    nanoseconds += kSecond;
    --seconds;
  }
  return {{{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = nanoseconds}}};
}

}  // namespace ib
