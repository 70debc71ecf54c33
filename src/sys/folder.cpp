// SPDX-License-Identifier: Apache-2.0
#include "sys/file.hpp"

#include "base/time.hpp"
#include "sys/file_calls.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <system_error>

namespace ib {
namespace {

constexpr std::size_t kEntriesBuffer = std::size_t{64} * 1024;

/// The first component of a relative path, and the rest.
struct Split {
  std::string first;
  std::string_view rest;
};

Split split_first(std::string_view relative)
{
  const std::size_t slash = relative.find('/');
  if (slash == std::string_view::npos) return {std::string(relative), {}};
  return {std::string(relative.substr(0, slash)), relative.substr(slash + 1)};
}

Error link_or_errno(int number, const std::string& path)
{
  if (number == ELOOP)
    return {.code = Errc::io, .message = path + ": is a symbolic link, which is not followed"};
  return reading_error(number, path);
}

}  // namespace

Result<Folder> Folder::open(const std::string& path)
{
  Fd fd(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd) return std::unexpected(reading_error(errno, path));
  return Folder(std::move(fd), path);
}

Result<Folder> Folder::create(const std::string& path, std::optional<Readers> readers)
{
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return std::unexpected(errno_error(error.value(), path));
  const bool made = ::mkdir(path.c_str(), folder_mode(readers)) == 0;
  if (!made && errno != EEXIST) return std::unexpected(errno_error(errno, path));
  Folder folder = TRY(open(path));
  if (made && readers) {
    folder.set_readers(*readers);
    TRY(folder.set_up(folder.fd(), folder_mode(readers), path));
    folder.new_entries_ = {};
  }
  return folder;
}

Result<Folder> Folder::open_folder(std::string_view relative) const
{
  if (relative.ends_with('/')) return bad_component(join(path_, relative));
  std::string path = join(path_, relative);
  Fd fd;
  if (relative.empty()) {
    fd = Fd(uninterrupted([&] { return ::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0); }));
    if (!fd) return std::unexpected(errno_error(errno, path_));
  }
  while (!relative.empty()) {
    auto [name, rest] = split_first(relative);
    const int parent = fd ? fd.get() : fd_.get();
    const auto path_so_far = [&] {
      return path.substr(0, path.size() - (rest.empty() ? 0 : rest.size() + 1));
    };
    if (!is_plain_component(name)) return bad_component(path_so_far());
    const int no_follow = !fd && follows_at_top_ ? 0 : O_NOFOLLOW;
    Fd next(uninterrupted([&] {
      return ::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | no_follow | O_CLOEXEC);
    }));
    if (!next) {
      // On Linux, O_DIRECTORY | O_NOFOLLOW fails on a link with ENOTDIR. The person should learn
      // which of the two it was.
      const int number = errno;
      struct stat st {};
      const bool link =
          ::fstatat(parent, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
      return std::unexpected(link_or_errno(link ? ELOOP : number, path_so_far()));
    }
    fd = std::move(next);
    relative = rest;
  }
  Folder folder(std::move(fd), std::move(path));
  folder.new_entries_ = new_entries_;
  return folder;
}

Result<Folder> Folder::follow_folder(const std::string& name) const
{
  const std::string path = join(path_, name);
  if (!is_plain_component(name)) return bad_component(path);
  Fd fd(uninterrupted(
      [&] { return ::openat(fd_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd) return std::unexpected(reading_error(errno, path));
  return Folder(std::move(fd), path);
}

Result<> Folder::set_up(int fd, unsigned mode, const std::string& path) const
{
  if (!new_entries_.readers) return {};
  // On a file system without permissions (FAT), the mount options decide. It refuses with EPERM.
  if (::fchmod(fd, mode) != 0 && errno != EPERM && errno != ENOTSUP && errno != ENOSYS)
    return std::unexpected(errno_error(errno, path));
  const std::optional<Owner>& owner = new_entries_.owner;
  if (owner && ::fchown(fd, owner->user, owner->group) != 0)
    return std::unexpected(errno_error(errno, "changing the owner of " + path));
  return {};
}

Result<> Folder::give_to_owner() const
{
  const std::optional<Owner>& owner = new_entries_.owner;
  if (!owner) return {};
  struct stat st {};
  if (::fstat(fd_.get(), &st) != 0) return std::unexpected(errno_error(errno, path_));
  if (st.st_uid == owner->user && st.st_gid == owner->group) return {};
  if (::fchown(fd_.get(), owner->user, owner->group) != 0)
    return std::unexpected(errno_error(errno, "changing the owner of " + path_));
  return {};
}

Result<> Folder::give_file_to_owner(std::string_view relative) const
{
  const std::optional<Owner>& owner = new_entries_.owner;
  if (!owner) return {};
  const auto [parent, name] = split_last(relative);
  const std::string path = join(path_, relative);
  if (!is_plain_component(name)) return bad_component(path);
  const Folder folder = TRY(open_folder(parent));
  struct stat st {};
  if (::fstatat(folder.fd(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0)
    return std::unexpected(errno_error(errno, path));
  if (st.st_uid == owner->user && st.st_gid == owner->group) return {};
  if (::fchownat(folder.fd(), name.c_str(), owner->user, owner->group, AT_SYMLINK_NOFOLLOW) != 0)
    return std::unexpected(errno_error(errno, "changing the owner of " + path));
  return {};
}

Result<Folder> Folder::create_folder(std::string_view relative) const
{
  Result<Folder> existing = open_folder(relative);
  if (existing || existing.error().code != Errc::not_found) return existing;

  Folder folder = TRY(open_folder({}));
  folder.follows_at_top_ = follows_at_top_;
  while (!relative.empty()) {
    auto [name, rest] = split_first(relative);
    if (!is_plain_component(name)) return bad_component(join(folder.path(), name));
    Result<Folder> next = folder.open_folder(name);
    if (!next && next.error().code == Errc::not_found) {
      // Another process may create it at the same time. That is just as good.
      const bool made =
          ::mkdirat(folder.fd_.get(), name.c_str(), folder_mode(new_entries_.readers)) == 0;
      if (!made && errno != EEXIST) {
        return std::unexpected(errno_error(errno, join(folder.path(), name)));
      }
      TRY(folder.sync());
      next = folder.open_folder(name);
      if (made && next) {
        const Result<> set = set_up(next->fd(), folder_mode(new_entries_.readers), next->path());
        if (!set) {
          static_cast<void>(::unlinkat(folder.fd_.get(), name.c_str(),
                                       AT_REMOVEDIR));  // the error above is reported
          return std::unexpected(set.error());
        }
      }
      if (!next && next.error().code == Errc::not_found) {
        return std::unexpected(errno_error(ENOTDIR, join(folder.path(), name)));
      }
    }
    folder = TRY(std::move(next));
    relative = rest;
  }
  return folder;
}

Result<Folder> Folder::reopen() const
{
  Fd fd(
      uninterrupted([&] { return ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd) return std::unexpected(errno_error(errno, path_));
  return Folder(std::move(fd), path_);
}

Result<> Folder::require_searchable() const
{
  struct stat st {};
  if (::fstatat(fd_.get(), ".", &st, 0) != 0) return std::unexpected(errno_error(errno, path_));
  return {};
}

Result<> Folder::read_entries(const std::function<void(std::string_view, FileKind)>& take) const
{
  if (std::exchange(was_read_, true) && ::lseek(fd_.get(), 0, SEEK_SET) < 0)
    return std::unexpected(errno_error(errno, path_));
  alignas(dirent64) std::array<char, kEntriesBuffer>
      buffer;  // not initialised: the kernel fills it
  for (;;) {
    const ssize_t size =
        uninterrupted([&] { return ::getdents64(fd_.get(), buffer.data(), buffer.size()); });
    // A folder that has been removed meanwhile has no entries. readdir() says the same.
    if (size == 0 || (size < 0 && errno == ENOENT)) return {};
    if (size < 0) return std::unexpected(errno_error(errno, path_));
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      at += entry->d_reclen;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      FileKind kind = FileKind::device;
      if (entry->d_type != DT_UNKNOWN) {
        kind = kind_of(static_cast<mode_t>(DTTOIF(entry->d_type)));
      } else {
        const Result<FileStat> st = stat(name);
        if (!st && st.error().code == Errc::not_found) continue;  // removed since the listing
        if (!st) return std::unexpected(st.error());
        kind = st->kind;
      }
      take(name, kind);
    }
  }
}

Result<std::vector<FolderEntry>> Folder::entries() const
{
  // A second descriptor: reading moves the position, and another thread may list the same folder.
  const Folder own = TRY(reopen());
  std::vector<FolderEntry> entries;
  TRY(own.read_entries([&](std::string_view name, FileKind kind) {
    entries.push_back({std::string(name), kind});
  }));
  return entries;
}

Result<FileStat> Folder::stat(std::string_view relative) const
{
  const std::size_t slash = relative.rfind('/');
  const std::string_view name = relative.substr(slash == std::string_view::npos ? 0 : slash + 1);
  if (!is_plain_component(name)) return bad_component(join(path_, relative));
  // Called for each file of a library, so the name is terminated on the stack.
  std::array<char, NAME_MAX + 1> ended;  // filled below
  if (name.size() > NAME_MAX)
    return std::unexpected(errno_error(ENAMETOOLONG, join(path_, relative)));
  *std::ranges::copy(name, ended.begin()).out = '\0';
  const auto stat_in = [&](int fd) -> Result<FileStat> {
    struct statx st {};
    // Asks only for what is needed. A network file system may have to ask its server for the rest.
    if (::statx(fd, ended.data(), AT_SYMLINK_NOFOLLOW,
                STATX_TYPE | STATX_SIZE | STATX_MTIME | STATX_CTIME, &st) != 0)
      return std::unexpected(errno_error(errno, join(path_, relative)));
    return FileStat{.kind = kind_of(st.stx_mode),
                    .size = st.stx_size,
                    .mtime_ns = to_nanoseconds(st.stx_mtime.tv_sec, st.stx_mtime.tv_nsec),
                    .ctime_ns = to_nanoseconds(st.stx_ctime.tv_sec, st.stx_ctime.tv_nsec)};
  };
  if (slash == std::string_view::npos) return stat_in(fd_.get());
  const Folder folder = TRY(open_folder(relative.substr(0, slash)));
  return stat_in(folder.fd_.get());
}

Result<unsigned> Folder::permissions(const std::string& name) const
{
  struct stat st {};
  const int seen = name.empty() ? ::fstat(fd_.get(), &st)
                                : ::fstatat(fd_.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW);
  if (seen != 0) return std::unexpected(errno_error(errno, join(path_, name)));
  return st.st_mode & 0777U;
}

Result<InputFile> Folder::open_file(std::string_view relative) const
{
  const auto [parent, name] = split_last(relative);
  const std::string path = join(path_, relative);
  if (!is_plain_component(name)) return bad_component(path);
  const Folder folder = TRY(open_folder(parent));
  // O_NONBLOCK: the run must not hang if a FIFO takes the place of a file.
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  // The analyzer does not see through the structured binding.
  // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage)
  Fd fd(uninterrupted([&] { return ::openat(folder.fd_.get(), name.c_str(), kFlags); }));
  if (!fd) return std::unexpected(link_or_errno(errno, path));
  return InputFile::of(std::move(fd), path);
}

Result<> Folder::remove(std::string_view relative, int flags) const
{
  const auto [parent, name] = split_last(relative);
  if (!is_plain_component(name)) return bad_component(join(path_, relative));
  const Folder folder = TRY(open_folder(parent));
  if (::unlinkat(folder.fd_.get(), name.c_str(), flags) != 0) {
    return std::unexpected(errno_error(errno, join(path_, relative)));
  }
  return {};
}

Result<> Folder::remove_file(std::string_view relative) const
{
  return remove(relative, 0);
}

Result<> Folder::remove_folder(std::string_view relative) const
{
  return remove(relative, AT_REMOVEDIR);
}

Result<> Folder::set_mtime(std::string_view relative, std::int64_t mtime_ns) const
{
  const auto [parent, name] = split_last(relative);
  if (!is_plain_component(name)) return bad_component(join(path_, relative));
  const Folder folder = TRY(open_folder(parent));
  const auto times = times_with(mtime_ns);
  if (::utimensat(folder.fd_.get(), name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0) {
    return std::unexpected(errno_error(errno, "setting the time of " + join(path_, relative)));
  }
  return {};
}

Result<> Folder::lock() const
{
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return {};
  return fail(Errc::precondition_failed, path_ + ": another process has it");
}

Result<> Folder::sync() const
{
  // Some file systems cannot flush a folder (EINVAL). Then there is nothing more to do.
  if (::fsync(fd_.get()) != 0 && errno != EINVAL) return std::unexpected(errno_error(errno, path_));
  return {};
}

Result<> Folder::sync_file_system() const
{
  if (::syncfs(fd_.get()) != 0) return std::unexpected(errno_error(errno, path_));
  if (!follows_at_top_) return {};
  for (const FolderEntry& entry : TRY(entries())) {
    if (entry.kind != FileKind::symlink) continue;
    if (const Result<Folder> linked = follow_folder(entry.name)) TRY(linked->sync_file_system());
  }
  return {};
}

}  // namespace ib
