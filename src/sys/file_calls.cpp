// SPDX-License-Identifier: Apache-2.0
#include "sys/file_calls.hpp"

#include "base/time.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <set>
#include <vector>

namespace ib {
namespace {

/// "group 10001", "groups 1000 and 10001"
std::string groups_of_this_process()
{
  std::set<gid_t> groups{::getegid()};
  std::vector<gid_t> others(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
  const int count = ::getgroups(static_cast<int>(others.size()), others.data());
  groups.insert(others.begin(), others.begin() + std::max(0, count));
  std::string text = groups.size() == 1 ? "group " : "groups ";
  std::size_t left = groups.size();
  for (const gid_t group : groups) {
    text += std::to_string(group);
    if (--left > 0) text += left == 1 ? " and " : ", ";
  }
  return text;
}

}  // namespace

Error reading_error(int number, const std::string& path)
{
  Error error = errno_error(number, path);
  if (number != EACCES) return error;
  error.hint = "This process is user " + std::to_string(::geteuid()) + " in " +
               groups_of_this_process() + ".";
  struct stat st = {};
  if (::lstat(path.c_str(), &st) == 0) {
    constexpr unsigned kPermissions = 07777;
    std::array<char, 8> mode{};
    static_cast<void>(std::snprintf(mode.data(), mode.size(), "%04o", st.st_mode & kPermissions));
    error.hint += " It belongs to user " + std::to_string(st.st_uid) + " and group " +
                  std::to_string(st.st_gid) + ", mode " + mode.data() + ".";
  }
  error.hint +=
      " Run as a user or in a group that may read it; in a pod, supplementalGroups names "
      "more groups.";
  return error;
}

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
