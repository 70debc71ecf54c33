// SPDX-License-Identifier: Apache-2.0
#include "sys/file.hpp"

#include "base/time.hpp"
#include "sys/file_calls.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace ib {
namespace {

FileStat to_file_stat(const struct stat& st)
{
  return {.kind = kind_of(st.st_mode),
          .size = static_cast<std::uint64_t>(st.st_size),
          .mtime_ns = to_nanoseconds(st.st_mtim.tv_sec, st.st_mtim.tv_nsec),
          .ctime_ns = to_nanoseconds(st.st_ctim.tv_sec, st.st_ctim.tv_nsec)};
}

constexpr std::string_view kScratchPrefix = "immich-backup-";
constexpr std::chrono::minutes kScratchAge{10};  // a new one may not have its lock yet

/// Whether a process that was killed has left the scratch folder. Others may have folders of such a
/// name, but not its mark.
bool is_left_over(const std::string& path)
{
  struct stat folder {};
  if (::lstat(path.c_str(), &folder) != 0 || !S_ISDIR(folder.st_mode)) return false;
  // A server that ran for root has owned its folder.
  if (::geteuid() != 0 && folder.st_uid != ::geteuid()) return false;
  const std::string mark = join(path, ScratchFolder::kMark);
  struct stat st {};
  if (::lstat(mark.c_str(), &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != ::geteuid() ||
      std::chrono::system_clock::now() - std::chrono::system_clock::from_time_t(st.st_mtime) <
          kScratchAge)
    return false;
  const Result<InputFile> file = InputFile::open(mark);
  return file && file->lock() == InputFile::Lock::free;
}

void remove_left_over_scratch(const std::string& base)
{
  const Result<Folder> folder = Folder::open(base);
  if (!folder) return;  // creating one there says why
  const auto entries = folder->entries();
  if (!entries) return;
  for (const FolderEntry& entry : *entries) {
    if (!entry.name.starts_with(kScratchPrefix)) continue;
    const std::string path = join(base, entry.name);
    std::error_code ignored;  // the next process tries again
    if (is_left_over(path)) std::filesystem::remove_all(path, ignored);
  }
}

}  // namespace

Result<InputFile> InputFile::open(const std::string& path)
{
  Fd fd(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
  if (!fd) return std::unexpected(reading_error(errno, path));
  return of(std::move(fd), path);
}

Result<InputFile> InputFile::of(Fd fd, std::string path)
{
  InputFile file(std::move(fd), std::move(path));
  const FileStat st = TRY(file.stat());
  if (st.kind != FileKind::file) {
    return fail(Errc::io,
                file.path_ + ": is a " + std::string(to_string(st.kind)) + ", not a regular file");
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

Result<FileStat> InputFile::stat() const
{
  struct stat st {};
  if (::fstat(fd_.get(), &st) != 0) return std::unexpected(errno_error(errno, path_));
  return to_file_stat(st);
}

void InputFile::will_read_sequentially() const
{
  static_cast<void>(::posix_fadvise(fd_.get(), 0, 0,
                                    POSIX_FADV_SEQUENTIAL));  // a hint, which the system may ignore
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
  std::string value(65536, '\0');  // the longest possible value (XATTR_SIZE_MAX in linux/limits.h)
  const ssize_t n = ::fgetxattr(fd_.get(), full.c_str(), value.data(), value.size());
  if (n < 0) return std::nullopt;
  value.resize(static_cast<std::size_t>(n));
  return value;
}

InputFile::Lock InputFile::lock() const
{
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? Lock::held : Lock::unknown;
  static_cast<void>(::flock(fd_.get(), LOCK_UN));
  return Lock::free;
}

Result<std::string> read_file(const std::string& path, std::uint64_t limit)
{
  InputFile file = TRY(InputFile::open(path));
  std::string text;
  std::vector<std::byte> buffer(std::size_t{64} *
                                1024);  // the size cannot be trusted: files in /proc have size 0
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

std::string temporary_folder(const std::string& parent)
{
  if (!parent.empty()) return parent;
  const char* tmpdir = std::getenv("TMPDIR");
  return tmpdir != nullptr && *tmpdir != '\0' ? tmpdir : "/tmp";
}

Result<ScratchFolder> ScratchFolder::create(const std::string& parent)
{
  const std::string base = temporary_folder(parent);
  remove_left_over_scratch(base);
  std::string path = join(base, kScratchPrefix) + "XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    Error error = errno_error(errno, "temporary folder in " + base);
    if (error.hint.empty()) error.hint = "Name a writable folder with TMPDIR or --scratch.";
    return std::unexpected(error);
  }
  // Without a mark or a lock it works all the same, and is not removed if this process is killed.
  Fd mark(::open(join(path, kMark).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (mark) static_cast<void>(::flock(mark.get(), LOCK_EX | LOCK_NB));
  return ScratchFolder(std::move(path), std::move(mark));
}

ScratchFolder::~ScratchFolder()
{
  if (path_.empty()) return;
  static_cast<void>(mark_.close());  // NFS keeps a file that is open, and with it the folder
  std::error_code ignored;           // a leftover in the temporary folder does no harm
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace ib
