// SPDX-License-Identifier: Apache-2.0
//
// Every conversation with the kernel about files. Paths are bytes: nothing here assumes UTF-8, and
// nothing follows a symbolic link below the folder that it was given. Folder is written in
// folder.cpp, PendingFile in pending_file.cpp, the rest in file.cpp.
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

/// A regular file open for reading.
class InputFile {
public:
  /// `path` may pass through symbolic links: it is the user's own word.
  static Result<InputFile> open(const std::string& path);

  explicit InputFile(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  /// Fills `buffer` from the current position, as far as the file goes; fewer bytes mean the end.
  Result<std::size_t> read(std::span<std::byte> buffer);
  /// The same from `offset`, without moving the position.
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) const;
  Result<FileStat> stat() const;
  /// Hints: the file is about to be read from start to end.
  void will_read_sequentially() const;
  Result<> seek(std::uint64_t offset);
  /// The extended attribute user.<name>, if the file has it and the file system knows attributes.
  std::optional<std::string> attribute(std::string_view name) const;
  /// Whether no PendingFile holds a lock on it (see PendingFile::lock).
  bool lock_is_free() const;

private:
  Fd fd_;
  std::string path_;
};

/// Who owns a file: numbers, since a restore may be for another machine.
struct Owner {
  std::uint32_t user = 0;
  std::uint32_t group = 0;
};

struct FolderEntry {
  std::string name;
  FileKind kind = FileKind::file;
};

/// An open folder: names below it are resolved one component at a time and never through a symbolic
/// link, so that nothing which happens to the tree meanwhile can lead out of it.
class Folder {
public:
  /// The folder at `path`, which may pass through symbolic links.
  static Result<Folder> open(const std::string& path);
  /// The same; it and its parents are made where they are missing.
  static Result<Folder> create(const std::string& path);

  /// The folder at `relative` ("a/b", or "" for this one). A component that is a link is an error.
  Result<Folder> open_folder(std::string_view relative) const;
  /// The folder `name` in this one, through a link if it is one.
  Result<Folder> follow_folder(const std::string& name) const;
  /// The same as open_folder, making what is missing (mode 0755).
  Result<Folder> create_folder(std::string_view relative) const;

  /// What is made below this folder from now on, through it, is readable by all whatever the umask
  /// (0644, folders 0755), as far as the file system knows permissions, and belongs to `owner`, if
  /// there is one.
  void make_readable_by_all(std::optional<Owner> owner)
  {
    new_entries_ = {.readable_by_all = true, .owner = owner};
  }

  /// Every entry but . and .., unsorted. An entry whose kind the file system does not tell is asked
  /// for it.
  Result<std::vector<FolderEntry>> entries() const;
  /// The same, one after the other and without a descriptor of its own, for whoever reads many
  /// folders: it moves this one's position, so one thread at a time.
  Result<> read_entries(
      const std::function<void(std::string_view name, FileKind kind)>& take) const;
  /// The same folder through a descriptor of its own. denied if names in it cannot be looked up.
  Result<Folder> reopen() const;
  /// denied if names in it cannot be looked up, though they may be listed.
  Result<> require_searchable() const;
  /// Of the entry itself, not of what a link points at.
  Result<FileStat> stat(std::string_view relative) const;
  /// Opens a regular file for reading; anything else is an error (a FIFO is not waited for).
  Result<InputFile> open_file(std::string_view relative) const;
  Result<> remove_file(std::string_view relative) const;
  /// Of a folder in which nothing lies; io where something does.
  Result<> remove_folder(std::string_view relative) const;
  Result<> set_mtime(std::string_view relative, std::int64_t mtime_ns) const;
  /// Flushes names that were created or renamed here to the disk.
  Result<> sync() const;
  /// Flushes the whole file system that this folder lies on.
  Result<> sync_file_system() const;

  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }

private:
  friend class PendingFile;
  struct NewEntries {
    bool readable_by_all = false;
    std::optional<Owner> owner = std::nullopt;
  };

  Folder(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Result<> remove(std::string_view relative, int flags) const;
  /// For what was made a moment ago; `path` is for messages.
  Result<> set_up(int fd, unsigned mode, const std::string& path) const;

  Fd fd_;
  std::string path_;
  NewEntries new_entries_;
  mutable bool was_read_ = false;  // by read_entries: its position is no longer at the start
};

/// A file being written under a temporary name, which becomes visible whole or not at all: the
/// destructor removes what was not committed, so that an early return leaves nothing half-written
/// behind.
class PendingFile {
public:
  enum class Sync : std::uint8_t {
    now,    ///< commit returns once the bytes and the name are on the disk
    later,  ///< the caller flushes the file system itself before it relies on the file
  };

  /// Creates `temporary` below `root`, to become `target` below `root`. Missing folders of both are
  /// made. A left-over of the same temporary name is overwritten.
  static Result<PendingFile> create(const Folder& root, std::string_view temporary,
                                    std::string_view target, Sync sync);

  PendingFile(PendingFile&&) noexcept = default;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();

  Result<> write(ByteView bytes);
  Result<> set_mtime(std::int64_t mtime_ns);
  /// Sets the extended attribute user.<name>. False where the file system knows none.
  bool set_attribute(std::string_view name, std::string_view value);

  /// Locks the file as long as it is being written, so that others can tell it from a left-over.
  Result<> lock();
  /// Gives the file its name; fails with precondition_failed if that is taken, and replaces
  /// nothing.
  Result<> commit_new();
  /// Gives the file its name, replacing what has it.
  Result<> commit_replacing();

private:
  PendingFile(Fd fd, Folder temporary_folder, std::string temporary_name, Folder target_folder,
              std::string target_name, Sync sync);
  Result<> flush();
  std::string target_path() const { return target_folder_.path() + "/" + target_name_; }

  Fd fd_;
  Folder temporary_folder_;
  std::string temporary_name_;
  Folder target_folder_;
  std::string target_name_;
  Sync sync_;
};

/// The whole of a small file; more than `limit` bytes is an error.
Result<std::string> read_file(const std::string& path, std::uint64_t limit);

/// Whether `path` exists (through links). An unreadable parent counts as absent.
bool path_exists(const std::string& path);

/// `path` made absolute and free of links, as far as it exists; as it was where that is not
/// possible.
std::string absolute_path(const std::string& path);

/// A folder of its own for temporary files, removed with all that is in it at the end.
class ScratchFolder {
public:
  /// Below `parent`, or below $TMPDIR or /tmp where that is empty.
  static Result<ScratchFolder> create(const std::string& parent);
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace ib
