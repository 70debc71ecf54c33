// SPDX-License-Identifier: Apache-2.0
#include "sys/file.hpp"
#include "sys/file_calls.hpp"
#include "sys/system.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

namespace ib {
namespace {

constexpr std::int64_t kLeftoverNs = std::int64_t{10} * 60 * 1'000'000'000;
constexpr std::size_t kCopySize = std::size_t{1} << 20;
constexpr std::size_t kMostAttributes = std::size_t{64} * 1024;  // XATTR_LIST_MAX, XATTR_SIZE_MAX

/// What a file system says that does not have a call.
bool is_unsupported(int number)
{
  return number == EINVAL || number == ENOSYS || number == ENOTSUP || number == EOPNOTSUPP;
}

/// Everything that a file has besides its bytes.
Result<> copy_attributes(int from, int to, const std::string& path)
{
  struct stat st {};
  struct stat now {};
  if (::fstat(from, &st) != 0 || ::fstat(to, &now) != 0)
    return std::unexpected(errno_error(errno, path));
  if (::fchmod(to, st.st_mode & 07777U) != 0 && errno != EPERM && !is_unsupported(errno))
    return std::unexpected(errno_error(errno, path));
  const bool same_owner = st.st_uid == now.st_uid && st.st_gid == now.st_gid;
  if (!same_owner && ::fchown(to, st.st_uid, st.st_gid) != 0)
    return std::unexpected(errno_error(errno, "changing the owner of " + path));
  std::vector<char> names(kMostAttributes);
  const ssize_t size = ::flistxattr(from, names.data(), names.size());
  for (ssize_t at = 0; at < size;) {
    const std::string name(names.data() + at);
    at += static_cast<ssize_t>(name.size()) + 1;
    std::vector<char> value(kMostAttributes);
    const ssize_t n = ::fgetxattr(from, name.c_str(), value.data(), value.size());
    // A place without attributes has none to lose.
    if (n >= 0 && name.starts_with("user."))
      static_cast<void>(
          ::fsetxattr(to, name.c_str(), value.data(), static_cast<std::size_t>(n), 0));
  }
  const std::array<timespec, 2> times{st.st_atim, st.st_mtim};
  if (::futimens(to, times.data()) != 0) return std::unexpected(errno_error(errno, path));
  return {};
}

Result<> copy_bytes(int from, int to, const std::string& path)
{
  std::vector<char> buffer(kCopySize);
  for (;;) {
    const ssize_t n = uninterrupted([&] { return ::read(from, buffer.data(), buffer.size()); });
    if (n < 0) return std::unexpected(errno_error(errno, path));
    if (n == 0) return {};
    for (ssize_t done = 0; done < n;) {
      const ssize_t written = uninterrupted(
          [&] { return ::write(to, buffer.data() + done, static_cast<std::size_t>(n - done)); });
      if (written < 0) return std::unexpected(errno_error(errno, "writing " + path));
      done += written;
    }
  }
}

/// Removes what a copy that was killed has left in this folder.
void remove_old_temporaries(const Folder& folder)
{
  const Result<std::vector<FolderEntry>> entries = folder.entries();
  if (!entries) return;
  const std::int64_t now_ns = wall_clock_now().time_since_epoch() / std::chrono::nanoseconds(1);
  for (const FolderEntry& entry : *entries) {
    if (!entry.name.starts_with(kTemporaryPrefix) || entry.kind != FileKind::file) continue;
    const Result<FileStat> st = folder.stat(entry.name);
    if (st && st->mtime_ns < now_ns - kLeftoverNs)
      static_cast<void>(folder.remove_file(entry.name));  // the next one tries again
  }
}

}  // namespace

PendingFile::PendingFile(Fd fd, Folder temporary_folder, std::string temporary_name,
                         Folder target_folder, std::string target_name, Sync sync)
    : fd_(std::move(fd)),
      temporary_folder_(std::move(temporary_folder)),
      temporary_name_(std::move(temporary_name)),
      target_folder_(std::move(target_folder)),
      target_name_(std::move(target_name)),
      sync_(sync),
      is_pending_(true)
{}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : fd_(std::move(other.fd_)),
      temporary_folder_(std::move(other.temporary_folder_)),
      temporary_name_(std::move(other.temporary_name_)),
      target_folder_(std::move(other.target_folder_)),
      target_name_(std::move(other.target_name_)),
      sync_(other.sync_),
      is_pending_(std::exchange(other.is_pending_, false))
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
  const mode_t mode = file_mode(root.new_entries_.readers);
  Fd fd(uninterrupted(
      [&] { return ::openat(temporary_folder.fd(), temporary_name.c_str(), kFlags, mode); }));
  if (!fd) return std::unexpected(errno_error(errno, join(root.path(), target)));
  const Result<> set = root.set_up(fd.get(), mode, join(root.path(), target));
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
  if (is_pending_)
    static_cast<void>(::unlinkat(temporary_folder_.fd(), temporary_name_.c_str(), 0));
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
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0 && errno != ENOLCK && !is_unsupported(errno)) {
    return std::unexpected(errno_error(errno, "locking " + target_path()));
  }
  return {};
}

Result<> PendingFile::finish(Fd& fd) const
{
  if (sync_ == Sync::now && ::fsync(fd.get()) != 0 && !is_unsupported(errno))
    return std::unexpected(errno_error(errno, "writing " + target_path()));
  if (!fd.close()) return std::unexpected(errno_error(errno, "writing " + target_path()));
  return {};
}

Result<> PendingFile::commit_new()
{
  TRY(finish(fd_));
  TRY(take_free_name());
  is_pending_ = false;
  if (sync_ == Sync::now) TRY(target_folder_.sync());
  return {};
}

Result<> PendingFile::commit_replacing()
{
  TRY(finish(fd_));
  TRY(take_name());
  is_pending_ = false;
  if (sync_ == Sync::now) TRY(target_folder_.sync());
  return {};
}

std::unexpected<Error> PendingFile::refused(int number) const
{
  // Both folders are open, and the file is there: then exFAT means that it holds no such name.
  struct stat st {};
  const bool is_there =
      ::fstatat(temporary_folder_.fd(), temporary_name_.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
  return std::unexpected(
      errno_error(number == ENOENT && is_there ? EINVAL : number, target_path()));
}

Result<> PendingFile::take_free_name()
{
  const int from = temporary_folder_.fd();
  const int to = target_folder_.fd();
  if (::renameat2(from, temporary_name_.c_str(), to, target_name_.c_str(), RENAME_NOREPLACE) == 0)
    return {};
  if (errno == EXDEV) {
    TRY(move_beside());
    return take_free_name();
  }
  if (!is_unsupported(errno)) return refused(errno);
  // NFS and some others have no exclusive rename. A link is exclusive on every file system that has
  // links.
  if (::linkat(from, temporary_name_.c_str(), to, target_name_.c_str(), 0) == 0) {
    static_cast<void>(::unlinkat(from, temporary_name_.c_str(),
                                 0));  // the file has its name now and does not need this one
    return {};
  }
  if (errno == EXDEV) {
    TRY(move_beside());
    return take_free_name();
  }
  // Where there are no links, file systems say so in many ways: EPERM, EMLINK, and rclone's EIO.
  const bool is_about_the_name = errno == EEXIST || errno == ENOENT || errno == EACCES;
  if (is_about_the_name || errno == ENOSPC || errno == EDQUOT || errno == ESTALE)
    return refused(errno);
  return take_name_if_free();
}

Result<> PendingFile::take_name_if_free()
{
  // exFAT, SMB and the like have neither. The lock keeps other threads and processes of this
  // machine out. Where there is no lock either, one writer at a time has to do.
  const Folder lock = TRY(temporary_folder_.open_folder({}));
  static_cast<void>(::flock(lock.fd(), LOCK_EX));
  struct stat st {};
  if (::fstatat(target_folder_.fd(), target_name_.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0)
    return std::unexpected(errno_error(EEXIST, target_path()));
  if (errno != ENOENT) return std::unexpected(errno_error(errno, target_path()));
  return take_name();
}

Result<> PendingFile::take_name()
{
  if (::renameat(temporary_folder_.fd(), temporary_name_.c_str(), target_folder_.fd(),
                 target_name_.c_str()) == 0)
    return {};
  if (errno != EXDEV) return refused(errno);
  TRY(move_beside());
  return take_name();
}

Result<> PendingFile::move_beside()
{
  const std::string name = std::string(kTemporaryPrefix) + random_hex(8);
  if (temporary_name_.starts_with(kTemporaryPrefix))
    return std::unexpected(errno_error(EXDEV, target_path()));  // it lies beside its target already
  remove_old_temporaries(target_folder_);
  const Fd from(uninterrupted([&] {
    return ::openat(temporary_folder_.fd(), temporary_name_.c_str(),
                    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  }));
  if (!from) return std::unexpected(errno_error(errno, target_path()));
  Fd to(uninterrupted([&] {
    return ::openat(target_folder_.fd(), name.c_str(),
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  }));
  if (!to) return std::unexpected(errno_error(errno, target_path()));
  Result<> copied = copy_bytes(from.get(), to.get(), target_path());
  if (copied) copied = copy_attributes(from.get(), to.get(), target_path());
  if (copied) copied = finish(to);
  if (!copied) {
    static_cast<void>(::unlinkat(target_folder_.fd(), name.c_str(), 0));  // `copied` is reported
    return copied;
  }
  static_cast<void>(::unlinkat(temporary_folder_.fd(), temporary_name_.c_str(),
                               0));  // a leftover, which the next run removes
  temporary_folder_ = TRY(target_folder_.open_folder({}));
  temporary_name_ = name;
  return {};
}

}  // namespace ib
