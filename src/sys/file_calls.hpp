// SPDX-License-Identifier: Apache-2.0
// System calls that the sources of sys/file.hpp share. Nobody else includes this.
#pragma once

#include "base/result.hpp"
#include "sys/fd.hpp"

#include <sys/stat.h>
#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ib {

/// Repeats a system call while signals interrupt it.
template <class Call>
auto uninterrupted(Call call)
{
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

FileKind kind_of(mode_t mode);

/// The permissions of a new file, of which the umask takes some where nobody is named.
inline mode_t file_mode(std::optional<Readers> readers)
{
  if (!readers) return 0644;
  return *readers == Readers::owner ? 0600 : *readers == Readers::group ? 0640 : 0644;
}
inline mode_t folder_mode(std::optional<Readers> readers)
{
  if (!readers) return 0755;
  return *readers == Readers::owner ? 0700 : *readers == Readers::group ? 0750 : 0755;
}

/// "folder/name", or the folder if the name is empty.
std::string join(const std::string& folder, std::string_view name);

/// Whether `name` is one component of a path, and not empty, "." or "..".
bool is_plain_component(std::string_view name);

/// The folder part and the last component of a relative path.
std::pair<std::string_view, std::string> split_last(std::string_view relative);

/// errno_error() where `path` was to be read. For EACCES the hint says who this process is, and to
/// whom the file belongs if that can be seen.
Error reading_error(int number, const std::string& path);

std::unexpected<Error> bad_component(const std::string& path);

/// For utimensat and futimens: sets this mtime, or for kNoTime the present one, and leaves the
/// access time alone.
std::array<timespec, 2> times_with(std::int64_t mtime_ns);

}  // namespace ib
