// SPDX-License-Identifier: Apache-2.0
#include "sys/file_system.hpp"

#include "sys/file.hpp"
#include "sys/system.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace ib {
namespace {

std::vector<std::string_view> words_of(std::string_view line)
{
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

/// Undoes the kernel's escapes: it writes blanks, tabs, line ends and backslashes as \ooo.
std::string without_escapes(std::string_view text)
{
  const auto octal = [](char c) { return c >= '0' && c <= '7'; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && octal(text[i + 1]) && octal(text[i + 2]) &&
        octal(text[i + 3])) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                               (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool lies_on(std::string_view path, std::string_view mount_point)
{
  if (mount_point == "/" || path == mount_point) return true;
  return path.starts_with(mount_point) && path[mount_point.size()] == '/';
}

}  // namespace

FileSystem find_mount(std::string_view mountinfo, std::string_view path)
{
  FileSystem found;
  while (!mountinfo.empty()) {
    const std::size_t end = std::min(mountinfo.find('\n'), mountinfo.size());
    const std::vector<std::string_view> words = words_of(mountinfo.substr(0, end));
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
    // "36 35 98:0 /root /mount/point options... - type source options" (man 5 proc)
    const auto dash = std::ranges::find(words, "-");
    if (words.size() < 6 || words.end() - dash < 2) continue;
    std::string mount_point = without_escapes(words[4]);
    // The deepest mount counts. Of two at the same place, the later one counts, because it hides
    // the other.
    if (!lies_on(path, mount_point) || mount_point.size() < found.mount_point.size()) continue;
    found.mount_point = std::move(mount_point);
    found.type = *(dash + 1);
  }
  return found;
}

std::string nearest_existing(const std::string& path)
{
  std::filesystem::path there = absolute_path(path);
  while (!path_exists(there.string()) && there.has_relative_path()) there = there.parent_path();
  return there.string();
}

bool lies_in(const std::string& path, const std::string& folder)
{
  std::string each = absolute_path(path);
  const std::string outer = absolute_path(folder);
  if (each == outer || each.starts_with(outer.ends_with('/') ? outer : outer + "/")) return true;
  struct stat wanted {};
  if (::stat(outer.c_str(), &wanted) != 0) return false;
  for (;;) {
    struct stat found {};
    if (::stat(each.c_str(), &found) == 0 && found.st_dev == wanted.st_dev &&
        found.st_ino == wanted.st_ino)
      return true;
    const std::size_t slash = each.rfind('/');
    if (slash == each.npos || each.size() <= 1) return false;
    each.resize(std::max<std::size_t>(slash, 1));
  }
}

bool overlap(const std::string& one, const std::string& other)
{
  return lies_in(one, other) || lies_in(other, one);
}

Result<FileSystem> file_system_of(const std::string& path)
{
  const std::string there = nearest_existing(path);
  struct ::statvfs facts {};
  if (::statvfs(there.c_str(), &facts) != 0) return std::unexpected(errno_error(errno, path));
  std::ifstream file("/proc/self/mountinfo");
  const std::string mountinfo{std::istreambuf_iterator<char>(file), {}};
  FileSystem system = find_mount(mountinfo, there);
  system.read_only = (facts.f_flag & ST_RDONLY) != 0;
  system.free_bytes = std::uint64_t{facts.f_bavail} * facts.f_frsize;
  system.total_bytes = std::uint64_t{facts.f_blocks} * facts.f_frsize;
  return system;
}

bool may_read(const std::string& path)
{
  return ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0;
}

bool may_write(const std::string& path)
{
  return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

bool others_may_read(const std::string& path)
{
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 && (st.st_mode & S_IROTH) != 0;
}

Result<> require_lasting_place(const std::string& what, const std::string& path)
{
  // Docker and podman leave these files; Kubernetes sets the variable.
  const bool in_container = path_exists("/.dockerenv") || path_exists("/run/.containerenv") ||
                            environment("KUBERNETES_SERVICE_HOST");
  if (!in_container || TRY(file_system_of(path)).mount_point != "/") return {};
  return fail(Errc::invalid,
              path + ": lies in the container's own layer: " + what + " would be gone with it",
              "Mount a folder of the host, or a volume, and name a file in it.");
}

}  // namespace ib
