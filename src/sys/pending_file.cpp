// SPDX-License-Identifier: Apache-2.0
#include "sys/file.hpp"
#include "sys/file_calls.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>

namespace ib {
namespace {

constexpr mode_t kFileMode = 0644;

}  // namespace

PendingFile::PendingFile(Fd fd, Folder temporary_folder, std::string temporary_name,
                         Folder target_folder, std::string target_name, Sync sync)
    : fd_(std::move(fd)),
      temporary_folder_(std::move(temporary_folder)),
      temporary_name_(std::move(temporary_name)),
      target_folder_(std::move(target_folder)),
      target_name_(std::move(target_name)),
      sync_(sync)
{}

Result<PendingFile> PendingFile::create(const Folder& root, std::string_view temporary,
                                        std::string_view target, Sync sync)
{
  const auto [temporary_parent, temporary_name] = split_last(temporary);
  const auto [target_parent, target_name] = split_last(target);
  if (!is_plain_component(temporary_name) || !is_plain_component(target_name)) {
    return bad_component(join(root.path(), target));
  }
  Folder target_folder = TRY(root.create_folder(target_parent));
  Folder temporary_folder =
      TRY(temporary_parent == target_parent ? target_folder.open_folder({})
                                            : root.create_folder(temporary_parent));
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
  Fd fd(uninterrupted(
      [&] { return ::openat(temporary_folder.fd(), temporary_name.c_str(), kFlags, kFileMode); }));
  if (!fd) return std::unexpected(errno_error(errno, join(root.path(), target)));
  const Result<> set = root.set_up(fd.get(), kFileMode, join(root.path(), target));
  if (!set) {
    static_cast<void>(::unlinkat(temporary_folder.fd(), temporary_name.c_str(),
                                 0));  // the error above is reported
    return std::unexpected(set.error());
  }
  return PendingFile(std::move(fd), std::move(temporary_folder), temporary_name,
                     std::move(target_folder), target_name, sync);
}

PendingFile::~PendingFile()
{
  // Nobody can act on a failure here. A leftover has a temporary name, so nobody takes it for the
  // file.
  if (fd_) static_cast<void>(::unlinkat(temporary_folder_.fd(), temporary_name_.c_str(), 0));
}

Result<> PendingFile::write(ByteView bytes)
{
  while (!bytes.empty()) {
    const ssize_t n = uninterrupted([&] { return ::write(fd_.get(), bytes.data(), bytes.size()); });
    if (n < 0) return std::unexpected(errno_error(errno, "writing " + target_path()));
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<> PendingFile::set_mtime(std::int64_t mtime_ns)
{
  const auto times = times_with(mtime_ns);
  if (::futimens(fd_.get(), times.data()) != 0)
    return std::unexpected(errno_error(errno, "setting the time of " + target_path()));
  return {};
}

bool PendingFile::set_attribute(std::string_view name, std::string_view value)
{
  const std::string full = "user." + std::string(name);
  return ::fsetxattr(fd_.get(), full.c_str(), value.data(), value.size(), 0) == 0;
}

Result<> PendingFile::lock()
{
  // Some network file systems have no locks. There only the age tells a leftover.
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0 && errno != ENOTSUP && errno != ENOLCK &&
      errno != ENOSYS) {
    return std::unexpected(errno_error(errno, "locking " + target_path()));
  }
  return {};
}

Result<> PendingFile::flush()
{
  if (sync_ == Sync::now && ::fsync(fd_.get()) != 0) {
    return std::unexpected(errno_error(errno, "writing " + target_path()));
  }
  return {};
}

Result<> PendingFile::commit_new()
{
  TRY(flush());
  const int from = temporary_folder_.fd();
  const int to = target_folder_.fd();
  if (::renameat2(from, temporary_name_.c_str(), to, target_name_.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno != EINVAL && errno != ENOSYS)
      return std::unexpected(errno_error(errno, target_path()));
    // NFS and some others have no exclusive rename. A link is exclusive on every file system that
    // has links.
    if (::linkat(from, temporary_name_.c_str(), to, target_name_.c_str(), 0) != 0) {
      if (errno == EPERM || errno == ENOTSUP)
        errno = EINVAL;  // no links here; report that the rename was refused
      return std::unexpected(errno_error(errno, target_path()));
    }
    static_cast<void>(::unlinkat(from, temporary_name_.c_str(),
                                 0));  // the file has its name now and does not need this one
  }
  fd_.close();
  if (sync_ == Sync::now) TRY(target_folder_.sync());
  return {};
}

Result<> PendingFile::commit_replacing()
{
  TRY(flush());
  if (::renameat(temporary_folder_.fd(), temporary_name_.c_str(), target_folder_.fd(),
                 target_name_.c_str()) != 0) {
    return std::unexpected(errno_error(errno, target_path()));
  }
  fd_.close();
  if (sync_ == Sync::now) TRY(target_folder_.sync());
  return {};
}

}  // namespace ib
