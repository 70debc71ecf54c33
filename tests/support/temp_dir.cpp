// SPDX-License-Identifier: Apache-2.0
#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace ib::test {
namespace {

namespace fs = std::filesystem;

void require(bool ok, const std::string& what)
{
  if (!ok) throw std::system_error(errno, std::generic_category(), what);
}

constexpr uid_t kNobody = 65534;

}  // namespace

TempDir::TempDir()
{
  const char* tmpdir = std::getenv("TMPDIR");
  path_ = std::string(tmpdir != nullptr && *tmpdir != '\0' ? tmpdir : "/tmp") + "/ib-test-XXXXXX";
  require(::mkdtemp(path_.data()) != nullptr, path_);
  require(::chmod(path_.c_str(), 0755) == 0, path_);
}

TempDir::~TempDir()
{
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void TempDir::write_file(std::string_view relative, std::string_view bytes,
                         std::int64_t mtime_ns) const
{
  const std::string path = file(relative);
  fs::create_directories(fs::path(path).parent_path());
  {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    require(out.flush().good(), path);
  }
  if (mtime_ns != 0) set_mtime(relative, mtime_ns);
}

std::string TempDir::read_file(std::string_view relative) const
{
  std::ifstream in(file(relative), std::ios::binary);
  if (!in) throw std::runtime_error("no file " + file(relative));
  return {std::istreambuf_iterator<char>(in), {}};
}

void TempDir::make_folder(std::string_view relative) const
{
  fs::create_directories(file(relative));
}

void TempDir::make_symlink(std::string_view relative, const std::string& to) const
{
  fs::create_directories(fs::path(file(relative)).parent_path());
  require(::symlink(to.c_str(), file(relative).c_str()) == 0, file(relative));
}

void TempDir::make_fifo(std::string_view relative) const
{
  require(::mkfifo(file(relative).c_str(), 0644) == 0, file(relative));
}

void TempDir::make_socket(std::string_view relative) const
{
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(fd >= 0, "socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = file(relative);
  if (path.size() >= sizeof address.sun_path)
    throw std::runtime_error("too long for a socket: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::close(fd);
  require(bound == 0, path);
}

void TempDir::remove(std::string_view relative) const
{
  fs::remove_all(file(relative));
}

void TempDir::set_mtime(std::string_view relative, std::int64_t mtime_ns) const
{
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t nanoseconds = (mtime_ns % kSecond + kSecond) % kSecond;
  const timespec times[2] = {
      {.tv_sec = 0, .tv_nsec = UTIME_OMIT},
      {.tv_sec = (mtime_ns - nanoseconds) / kSecond, .tv_nsec = nanoseconds}};
  require(::utimensat(AT_FDCWD, file(relative).c_str(), times, AT_SYMLINK_NOFOLLOW) == 0,
          file(relative));
}

bool TempDir::exists(std::string_view relative) const
{
  struct stat st {};
  return ::lstat(file(relative).c_str(), &st) == 0;
}

std::int64_t TempDir::mtime_ns(std::string_view relative) const
{
  struct stat st {};
  require(::lstat(file(relative).c_str(), &st) == 0, file(relative));
  return static_cast<std::int64_t>(st.st_mtim.tv_sec) * 1'000'000'000 + st.st_mtim.tv_nsec;
}

std::vector<std::string> TempDir::list_tree(std::string_view relative) const
{
  const std::string root = relative.empty() ? path_ : file(relative);
  std::vector<std::string> names;
  if (!fs::exists(root)) return names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    std::string name = entry.path().string().substr(root.size() + 1);
    const bool folder = entry.is_directory() && !entry.is_symlink();
    if (!folder) names.push_back(std::move(name));
    if (folder && fs::is_empty(entry.path())) names.push_back(name + "/");
  }
  std::ranges::sort(names);
  return names;
}

WithoutRoot::WithoutRoot() : was_root_(::geteuid() == 0)
{
  if (was_root_) require(::seteuid(kNobody) == 0, "seteuid");
}

WithoutRoot::~WithoutRoot()
{
  if (was_root_ && ::seteuid(0) != 0) std::terminate();
}

}  // namespace ib::test
