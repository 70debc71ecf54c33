// SPDX-License-Identifier: Apache-2.0
//
// Files and folders. Paths are bytes: nothing here assumes UTF-8. Nothing follows a symbolic link
// below a folder that was opened. folder.cpp implements Folder, pending_file.cpp PendingFile, and
// file.cpp the rest.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "sys/fd.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// A regular file, open for reading.
class InputFile {
public:
  /// `path` may contain symbolic links, because the user chose it.
  static Result<InputFile> open(const std::string& path);

  /// io if what was opened at `path` is no regular file.
  static Result<InputFile> of(Fd fd, std::string path);

  /// Fills `buffer` from the current position. Fewer bytes than asked for mean the end of the file.
  Result<std::size_t> read(std::span<std::byte> buffer);
  Result<FileStat> stat() const;
  /// Tells the system that the file will be read from start to end.
  void will_read_sequentially() const;
  Result<> seek(std::uint64_t offset);
  /// The extended attribute user.<name>. Empty if the file does not have it, or if the file system
  /// has no attributes.
  std::optional<std::string> attribute(std::string_view name) const;
  enum class Lock : std::uint8_t {
    free,
    held,     ///< by a PendingFile (see PendingFile::lock)
    unknown,  ///< the file system has no locks
  };
  Lock lock() const;

private:
  InputFile(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Fd fd_;
  std::string path_;
};

/// The owner of a file. Numbers, because a restore may be for another machine.
struct Owner {
  std::uint32_t user = 0;
  std::uint32_t group = 0;
};

struct FolderEntry {
  std::string name;
  FileKind kind = FileKind::file;
};

/// An open folder. Names below it are resolved one component at a time, never through a symbolic
/// link. So no change of the tree during the run can lead out of it.
class Folder {
public:
  /// Opens the folder at `path`, which may contain symbolic links.
  static Result<Folder> open(const std::string& path);
  /// Opens the folder at `path`. Creates it and its parents if they do not exist. `readers` holds
  /// for the folder itself where it is created; absent: the umask does.
  static Result<Folder> create(const std::string& path,
                               std::optional<Readers> readers = std::nullopt);

  /// Opens the folder at `relative` ("a/b", or "" for this one). Fails if a component is a symbolic
  /// link.
  Result<Folder> open_folder(std::string_view relative) const;
  /// Opens the folder `name` in this one. It may be a symbolic link.
  Result<Folder> follow_folder(const std::string& name) const;
  /// As open_folder, but creates missing folders.
  Result<Folder> create_folder(std::string_view relative) const;

  /// Who may read all that is created through this folder from now on; before, the umask says. A
  /// file system without permissions ignores this. If `owner` is there, new entries belong to it.
  void set_readers(Readers readers, std::optional<Owner> owner = std::nullopt)
  {
    new_entries_ = {.readers = readers, .owner = owner};
  }

  /// Gives this folder, or a file below it, to the owner that set_readers() named. Nothing
  /// happens if nobody was named, or if it is the owner's already.
  Result<> give_to_owner() const;
  Result<> give_file_to_owner(std::string_view relative) const;

  /// From now on the first component of a relative path may be a symbolic link to a folder, as the
  /// top folders of a library may. Holds for this object alone.
  void follow_links_at_top() { follows_at_top_ = true; }

  /// All entries except . and .., unsorted. If the file system does not tell an entry's kind, asks
  /// for it.
  Result<std::vector<FolderEntry>> entries() const;
  /// As entries(), but passes one entry at a time and opens no second descriptor: for callers that
  /// read many folders. It moves this folder's position, so only one thread at a time may call it.
  Result<> read_entries(
      const std::function<void(std::string_view name, FileKind kind)>& take) const;
  /// Opens the same folder a second time. denied if names in it cannot be looked up.
  Result<Folder> reopen() const;
  /// denied if names in the folder cannot be looked up, even if they can be listed.
  Result<> require_searchable() const;
  /// Describes the entry itself, not the target of a link.
  Result<FileStat> stat(std::string_view relative) const;
  /// The permission bits of the entry `name`, or of this folder if it is empty: 0 to 0777.
  Result<unsigned> permissions(const std::string& name) const;
  /// Opens a regular file for reading. Anything else is an error. Does not wait for a FIFO.
  Result<InputFile> open_file(std::string_view relative) const;
  Result<> remove_file(std::string_view relative) const;
  /// Removes an empty folder. io if it is not empty.
  Result<> remove_folder(std::string_view relative) const;
  Result<> set_mtime(std::string_view relative, std::int64_t mtime_ns) const;
  /// Flushes the names that were created or renamed in this folder to the disk.
  Result<> sync() const;
  /// Flushes the whole file system of this folder to the disk, and those of the folders that links
  /// in it lead to, where they are followed.
  Result<> sync_file_system() const;

  /// Locks the folder for this process until it is closed. precondition_failed if another process
  /// has locked it. A file system without locks lets everybody in.
  Result<> lock() const;

  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }

private:
  friend class PendingFile;
  struct NewEntries {
    std::optional<Readers> readers = std::nullopt;
    std::optional<Owner> owner = std::nullopt;
  };

  Folder(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Result<> remove(std::string_view relative, int flags) const;
  /// Sets mode and owner of an entry that was just created. `path` is for messages.
  Result<> set_up(int fd, unsigned mode, const std::string& path) const;

  Fd fd_;
  std::string path_;
  NewEntries new_entries_;
  bool follows_at_top_ = false;
  mutable bool was_read_ = false;  // by read_entries(), which leaves the position at the end
};

/// Begins the temporary name of a file that has to be copied beside its target.
inline constexpr std::string_view kTemporaryPrefix = ".incomplete-";

/// A file that is being written under a temporary name. It appears under its own name as a whole or
/// not at all. The destructor removes the file if it was not committed, so an early return leaves
/// nothing half-written behind.
class PendingFile {
public:
  enum class Sync : std::uint8_t {
    now,    ///< commit returns when the bytes and the name are on the disk
    later,  ///< the caller flushes the file system before it relies on the file
  };

  /// Creates `temporary` below `root`, which commit renames to `target` below `root`. Creates the
  /// missing folders of both. Overwrites a leftover with the same temporary name.
  static Result<PendingFile> create(const Folder& root, std::string_view temporary,
                                    std::string_view target, Sync sync);

  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();

  Result<> write(ByteView bytes);
  Result<> set_mtime(std::int64_t mtime_ns);
  /// Sets the extended attribute user.<name>. False if the file system has no attributes.
  bool set_attribute(std::string_view name, std::string_view value);

  /// Locks the file until it is closed, so that other processes can tell it from a leftover.
  Result<> lock();
  /// Gives the file its name. Replaces nothing: precondition_failed if the name is taken. On a file
  /// system that has neither an exclusive rename nor links, only one machine may write at a time.
  Result<> commit_new();
  /// Gives the file its name. Replaces a file that has this name.
  Result<> commit_replacing();

private:
  PendingFile(Fd fd, Folder temporary_folder, std::string temporary_name, Folder target_folder,
              std::string target_name, Sync sync);
  /// Brings the bytes to the disk and closes. Some file systems report only now what they could not
  /// write.
  Result<> finish(Fd& fd) const;
  /// Why the file does not get its name.
  std::unexpected<Error> refused(int number) const;
  Result<> take_name();
  Result<> take_free_name();
  /// For a file system that has neither an exclusive rename nor links.
  Result<> take_name_if_free();
  /// Copies the file to a temporary name beside its target, which lies on another file system
  /// (EXDEV): a subvolume, a dataset, a branch.
  Result<> move_beside();
  std::string target_path() const { return target_folder_.path() + "/" + target_name_; }

  Fd fd_;
  Folder temporary_folder_;
  std::string temporary_name_;
  Folder target_folder_;
  std::string target_name_;
  Sync sync_;
  bool is_pending_ = false;
};

/// The content of a small file. Fails if it is larger than `limit` bytes.
Result<std::string> read_file(const std::string& path, std::uint64_t limit);

/// Whether `path` exists; follows links. False if its parent cannot be read.
bool path_exists(const std::string& path);

/// `path` made absolute and free of links, as far as it exists. Unchanged if that is not possible.
std::string absolute_path(const std::string& path);

/// Where temporary files are made: in `parent`, or if that is empty in $TMPDIR or /tmp.
std::string temporary_folder(const std::string& parent);

/// A new folder for temporary files. The destructor removes it and everything in it. It holds a
/// locked file of its own, kMark, which tells others that it is in use.
class ScratchFolder {
public:
  static constexpr std::string_view kMark = ".immich-backup-scratch";

  /// Creates the folder below temporary_folder(parent). Removes those there that a killed process
  /// of this user has left: their mark is over ten minutes old, and nobody holds its lock.
  static Result<ScratchFolder> create(const std::string& parent);
  ScratchFolder(ScratchFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})), mark_(std::move(other.mark_))
  {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

private:
  ScratchFolder(std::string path, Fd mark) : path_(std::move(path)), mark_(std::move(mark)) {}
  std::string path_;
  Fd mark_;
};

}  // namespace ib
