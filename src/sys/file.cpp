// SPDX-License-Identifier: Apache-2.0
#include "sys/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

namespace ib {
namespace {

constexpr mode_t kFolderMode = 0755;
constexpr mode_t kFileMode = 0644;
constexpr std::size_t kEntriesBuffer = std::size_t{64} * 1024;

/// Runs a system call again while a signal interrupts it.
template <class Call>
auto uninterrupted(Call call)
{
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
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

FileStat to_file_stat(const struct stat& st)
{
  return {.kind = kind_of(st.st_mode),
          .size = static_cast<std::uint64_t>(st.st_size),
          .mtime_ns =
              static_cast<std::int64_t>(st.st_mtim.tv_sec) * 1'000'000'000 + st.st_mtim.tv_nsec};
}

std::string join(const std::string& folder, std::string_view name)
{
  if (name.empty()) return folder;
  return folder + "/" + std::string(name);
}

/// Splits off the first component. Empty, "." and ".." components are refused by the callers
/// through this.
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

bool is_plain_component(std::string_view name)
{
  return !name.empty() && name != "." && name != ".." && !name.contains('/') &&
         !name.contains('\0');
}

/// The folder part and the last component of a relative path.
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

Error link_or_errno(int number, const std::string& path)
{
  if (number == ELOOP)
    return {.code = Errc::io, .message = path + ": is a symbolic link, which is not followed"};
  return errno_error(number, path);
}

/// For utimensat and futimens: this mtime, and the access time as it is.
std::array<timespec, 2> times_with(std::int64_t mtime_ns)
{
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t seconds = mtime_ns / kSecond;
  std::int64_t nanoseconds = mtime_ns % kSecond;
  if (nanoseconds < 0) {  // before 1970
    nanoseconds += kSecond;
    --seconds;
  }
  return {{{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = nanoseconds}}};
}

}  // namespace

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
      break;  // a name that this file system cannot hold
    case EEXIST:
      code = Errc::precondition_failed;
      break;
    case ESTALE:
    case ETIMEDOUT:
      code = Errc::unavailable;
      break;
    case ENOSPC:
    case EDQUOT:
      hint = "Make room on that file system and run again: what is stored already is kept.";
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
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

Fd::~Fd()
{
  close();
}

void Fd::close()
{
  if (fd_ >= 0)
    static_cast<void>(::close(std::exchange(fd_, -1)));  // written data was checked by fsync before
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

// --- InputFile ---

Result<InputFile> InputFile::open(const std::string& path)
{
  Fd fd(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
  if (!fd) return std::unexpected(errno_error(errno, path));
  InputFile file(std::move(fd), path);
  const FileStat st = TRY(file.stat());
  if (st.kind != FileKind::file) {
    return fail(Errc::io,
                path + ": is a " + std::string(to_string(st.kind)) + ", not a regular file");
  }
  return file;
}

Result<std::size_t> InputFile::read(std::span<std::byte> buffer)
{
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t n = uninterrupted(
        [&] { return ::read(fd_.get(), buffer.data() + done, buffer.size() - done); });
    if (n < 0) return std::unexpected(errno_error(errno, path_));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

Result<std::size_t> InputFile::read_at(std::uint64_t offset, std::span<std::byte> buffer) const
{
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t n = uninterrupted([&] {
      return ::pread(fd_.get(), buffer.data() + done, buffer.size() - done,
                     static_cast<off_t>(offset + done));
    });
    if (n < 0) return std::unexpected(errno_error(errno, path_));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

Result<FileStat> InputFile::stat() const
{
  struct stat st {};
  if (::fstat(fd_.get(), &st) != 0) return std::unexpected(errno_error(errno, path_));
  return to_file_stat(st);
}

void InputFile::will_read_sequentially() const
{
  static_cast<void>(
      ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL));  // a hint may be ignored
}

Result<> InputFile::seek(std::uint64_t offset)
{
  if (::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_SET) < 0)
    return std::unexpected(errno_error(errno, path_));
  return {};
}

std::optional<std::string> InputFile::attribute(std::string_view name) const
{
  const std::string full = "user." + std::string(name);
  std::string value(65536, '\0');  // no value is longer (XATTR_SIZE_MAX in linux/limits.h)
  const ssize_t n = ::fgetxattr(fd_.get(), full.c_str(), value.data(), value.size());
  if (n < 0) return std::nullopt;
  value.resize(static_cast<std::size_t>(n));
  return value;
}

bool InputFile::lock_is_free() const
{
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) return false;
  static_cast<void>(::flock(fd_.get(), LOCK_UN));
  return true;
}

// --- Folder ---

Result<Folder> Folder::open(const std::string& path)
{
  Fd fd(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd) return std::unexpected(errno_error(errno, path));
  return Folder(std::move(fd), path);
}

Result<Folder> Folder::create(const std::string& path)
{
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return std::unexpected(errno_error(error.value(), path));
  return open(path);
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
    Fd next(uninterrupted([&] {
      return ::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }));
    if (!next) {
      // O_DIRECTORY | O_NOFOLLOW on a link is ENOTDIR on Linux: tell the two apart for the person.
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
  if (!fd) return std::unexpected(errno_error(errno, path));
  return Folder(std::move(fd), path);
}

Result<> Folder::set_up(int fd, unsigned mode, const std::string& path) const
{
  if (!new_entries_.readable_by_all) return {};
  // A file system without permissions (FAT) refuses with EPERM what its mount options decide.
  if (::fchmod(fd, mode) != 0 && errno != EPERM && errno != ENOTSUP && errno != ENOSYS)
    return std::unexpected(errno_error(errno, path));
  const std::optional<Owner>& owner = new_entries_.owner;
  if (owner && ::fchown(fd, owner->user, owner->group) != 0)
    return std::unexpected(errno_error(errno, "changing the owner of " + path));
  return {};
}

Result<Folder> Folder::create_folder(std::string_view relative) const
{
  Result<Folder> existing = open_folder(relative);
  if (existing || existing.error().code != Errc::not_found) return existing;

  Folder folder = TRY(open_folder({}));
  while (!relative.empty()) {
    auto [name, rest] = split_first(relative);
    if (!is_plain_component(name)) return bad_component(join(folder.path(), name));
    Result<Folder> next = folder.open_folder(name);
    if (!next && next.error().code == Errc::not_found) {
      // Somebody else may make it at the same time, which is as good.
      const bool made = ::mkdirat(folder.fd_.get(), name.c_str(), kFolderMode) == 0;
      if (!made && errno != EEXIST) {
        return std::unexpected(errno_error(errno, join(folder.path(), name)));
      }
      TRY(folder.sync());
      next = folder.open_folder(name);
      if (made && next) {
        const Result<> set = set_up(next->fd(), kFolderMode, next->path());
        if (!set) {
          static_cast<void>(
              ::unlinkat(folder.fd_.get(), name.c_str(), AT_REMOVEDIR));  // the error is told
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
    // A folder that was removed meanwhile has no entries, as readdir() has it.
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
        if (!st && st.error().code == Errc::not_found) continue;  // gone since it was read
        if (!st) return std::unexpected(st.error());
        kind = st->kind;
      }
      take(name, kind);
    }
  }
}

Result<std::vector<FolderEntry>> Folder::entries() const
{
  // A descriptor of its own: reading moves the position, and another thread may list the same
  // folder.
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
  // Asked for each file of a library: its name is ended on the stack.
  std::array<char, NAME_MAX + 1>
      ended;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled at once
  if (name.size() > NAME_MAX)
    return std::unexpected(errno_error(ENAMETOOLONG, join(path_, relative)));
  *std::ranges::copy(name, ended.begin()).out = '\0';
  const auto stat_in = [&](int fd) -> Result<FileStat> {
    struct statx st {};
    // Only what is needed: a network file system may have to ask its server for the rest.
    if (::statx(fd, ended.data(), AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_SIZE | STATX_MTIME,
                &st) != 0)
      return std::unexpected(errno_error(errno, join(path_, relative)));
    return FileStat{.kind = kind_of(st.stx_mode),
                    .size = st.stx_size,
                    .mtime_ns = st.stx_mtime.tv_sec * 1'000'000'000 + st.stx_mtime.tv_nsec};
  };
  if (slash == std::string_view::npos) return stat_in(fd_.get());
  const Folder folder = TRY(open_folder(relative.substr(0, slash)));
  return stat_in(folder.fd_.get());
}

Result<InputFile> Folder::open_file(std::string_view relative) const
{
  const auto [parent, name] = split_last(relative);
  const std::string path = join(path_, relative);
  if (!is_plain_component(name)) return bad_component(path);
  const Folder folder = TRY(open_folder(parent));
  // O_NONBLOCK: a FIFO that took the place of a file must not hang the run.
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): it does not see through the structured
  // binding
  Fd fd(uninterrupted([&] { return ::openat(folder.fd_.get(), name.c_str(), kFlags); }));
  if (!fd) return std::unexpected(link_or_errno(errno, path));
  InputFile file(std::move(fd), path);
  const FileStat st = TRY(file.stat());
  if (st.kind != FileKind::file) {
    return fail(Errc::io,
                path + ": is a " + std::string(to_string(st.kind)) + ", not a regular file");
  }
  return file;
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

Result<> Folder::sync() const
{
  // Some file systems cannot flush a folder (EINVAL); then nothing more can be done.
  if (::fsync(fd_.get()) != 0 && errno != EINVAL) return std::unexpected(errno_error(errno, path_));
  return {};
}

Result<> Folder::sync_file_system() const
{
  if (::syncfs(fd_.get()) != 0) return std::unexpected(errno_error(errno, path_));
  return {};
}

// --- PendingFile ---

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
    static_cast<void>(
        ::unlinkat(temporary_folder.fd(), temporary_name.c_str(), 0));  // the error is told
    return std::unexpected(set.error());
  }
  return PendingFile(std::move(fd), std::move(temporary_folder), temporary_name,
                     std::move(target_folder), target_name, sync);
}

PendingFile::~PendingFile()
{
  // Nobody can act on a failure here; a left-over has a temporary name and is never taken for the
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
  // Without locks (some network file systems) a left-over is told by its age alone.
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
    // NFS and some others have no exclusive rename, but a link is exclusive everywhere that has
    // links.
    if (::linkat(from, temporary_name_.c_str(), to, target_name_.c_str(), 0) != 0) {
      if (errno == EPERM || errno == ENOTSUP)
        errno = EINVAL;  // no links here: it was the name that was refused
      return std::unexpected(errno_error(errno, target_path()));
    }
    static_cast<void>(
        ::unlinkat(from, temporary_name_.c_str(), 0));  // the file has its name; this one is spare
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

// --- Free functions ---

Result<std::string> read_file(const std::string& path, std::uint64_t limit)
{
  InputFile file = TRY(InputFile::open(path));
  std::string text;
  std::vector<std::byte> buffer(std::size_t{64} *
                                1024);  // no trust in its size: /proc has files of size 0
  for (;;) {
    const std::size_t n = TRY(file.read(buffer));
    text += text_of(ByteView(buffer).first(n));
    if (text.size() > limit)
      return fail(Errc::invalid, path + ": is larger than " + std::to_string(limit) + " bytes");
    if (n < buffer.size()) return text;
  }
}

bool path_exists(const std::string& path)
{
  return ::access(path.c_str(), F_OK) == 0;
}

std::string absolute_path(const std::string& path)
{
  std::error_code error;
  const std::filesystem::path absolute =
      std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
  return error ? path : absolute.string();
}

Result<ScratchFolder> ScratchFolder::create(const std::string& parent)
{
  std::string base = parent;
  if (base.empty()) {
    const char* tmpdir = std::getenv("TMPDIR");
    base = tmpdir != nullptr && *tmpdir != '\0' ? tmpdir : "/tmp";
  }
  std::string path = base + "/immich-backup-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    Error error = errno_error(errno, "temporary folder in " + base);
    if (error.hint.empty()) error.hint = "Name a writable folder with TMPDIR or --scratch.";
    return std::unexpected(error);
  }
  return ScratchFolder(std::move(path));
}

ScratchFolder::~ScratchFolder()
{
  if (path_.empty()) return;
  std::error_code ignored;  // a left-over in the temporary folder harms nobody
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace ib
