// SPDX-License-Identifier: Apache-2.0
#include "store/dir/dir_store.hpp"

#include "base/text.hpp"
#include "store/dir/dir_listing.hpp"
#include "store/dir/file_metadata.hpp"
#include "sys/file.hpp"
#include "sys/folded_names.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ib {
namespace {

constexpr std::chrono::minutes kLeftoverAge{10};
constexpr std::chrono::hours kUnlockableLeftoverAge{24};  // where there are no locks
constexpr std::size_t kBufferSize = std::size_t{256} * 1024;

Error begin_error(Error error)
{
  // A file is where a folder is needed. For an object store, this means that the name is taken.
  if (error.code == Errc::not_found) error.code = Errc::precondition_failed;
  return error;
}

class DirWriter final : public ObjectWriter {
public:
  DirWriter(PendingFile file, ObjectName name, Metadata metadata)
      : file_(std::move(file)), name_(std::move(name)), metadata_(std::move(metadata))
  {}

  Result<> write(ByteView bytes) override
  {
    TRY(file_.write(bytes));
    size_ += bytes.size();
    crc32c_ = crc32c(bytes, crc32c_);
    return {};
  }

  Result<ObjectInfo> commit() override
  {
    keep_metadata(file_, metadata_);
    TRY(file_.commit_new());
    return ObjectInfo{.name = name_, .size = size_, .crc32c = crc32c_, .metadata = metadata_};
  }

private:
  PendingFile file_;
  ObjectName name_;
  Metadata metadata_;
  std::uint64_t size_ = 0;
  Crc32c crc32c_;
};

class DirStore final : public ObjectStore {
public:
  DirStore(std::string path, bool group_readable)
      : address_(StoreAddress::of_folder(std::move(path))),
        readers_at_first_(group_readable ? Readers::group : Readers::owner)
  {}

  const StoreAddress& address() const override { return address_; }

  Result<ObjectInfo> put(const NewObject& object, ByteSource& source,
                         const std::stop_token& stop) override
  {
    TRY(require_plain(object));
    TRY(require_free(object.name));
    PendingFile file = TRY(begin(object.name));
    const Crc32c crc32c = TRY(copy(object, source, file, stop));
    TRY(file.commit_new());
    return info_of(object, crc32c);
  }

  Result<std::unique_ptr<ObjectWriter>> create(const ObjectName& name, const Metadata& metadata,
                                               const std::string& /*content_type*/,
                                               const std::stop_token& /*stop*/) override
  {
    TRY(require_free(name));
    return std::make_unique<DirWriter>(TRY(begin(name)), name, metadata);
  }

  Result<ObjectInfo> replace(const NewObject& object, ByteSource& source,
                             std::uint64_t /*generation*/, const std::stop_token& stop) override
  {
    // A folder has no generations, so two simultaneous runs may replace each other's copy. That
    // does no harm: the numbered manifests are the authority, and they are only ever created.
    TRY(require_plain(object));
    TRY(require_valid(object.name));
    PendingFile file = TRY(begin(object.name));
    const Crc32c crc32c = TRY(copy(object, source, file, stop));
    TRY(file.commit_replacing());
    return info_of(object, crc32c);
  }

  Result<> remove(const RemovableName& name, const std::stop_token& /*stop*/) override
  {
    const std::string& path = name.name().value;
    Result<> removed = remove_object(path);
    if (!removed && removed.error().code != Errc::not_found) return removed;
    return {};
  }

  Result<ObjectInfo> stat(const ObjectName& name, const std::stop_token& stop) override
  {
    InputFile file = TRY(open_object(name));
    if (folds_names_.load() && !TRY(is_spelled_so(TRY(open_root()), name.value)))
      return fail(Errc::not_found, name.value + ": no object, but one of another spelling");
    ObjectInfo info{.name = name};
    std::uint64_t size = 0;
    Crc32c crc;
    TRY(read_all(
        file,
        [&](ByteView bytes) -> Result<> {
          crc = crc32c(bytes, crc);
          size += bytes.size();
          return {};
        },
        stop));
    info.size = size;
    info.crc32c = crc;
    info.metadata = metadata_of(file);
    return info;
  }

  Result<> get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
               std::uint64_t offset) override
  {
    InputFile file = TRY(open_object(name));
    file.will_read_sequentially();
    TRY(file.seek(offset));
    return read_all(file, sink, stop);
  }

  Result<std::unique_ptr<ObjectCursor>> list(const std::string& prefix, const std::string& start,
                                             const std::stop_token& /*stop*/,
                                             ListedMetadata metadata) override
  {
    return list_folder(path(), prefix, start, metadata);
  }

  StoreFeatures features() const override { return {}; }
  Result<Timestamp> now(const std::stop_token& /*stop*/) override { return wall_clock_now(); }

private:
  const std::string& path() const { return address_.folder()->path; }

  Result<Folder> open_root() const { return open_store_folder(path()); }

  Result<InputFile> open_object(const ObjectName& name) const
  {
    const Folder root = TRY(open_root());
    const FileStat st = TRY(root.stat(name.value));
    if (st.kind != FileKind::file)
      return fail(Errc::not_found,
                  name.value + ": no object, but a " + std::string(to_string(st.kind)));
    return root.open_file(name.value);
  }

  Result<> remove_object(const std::string& path) const
  {
    const Folder root = TRY(open_root());
    const FileStat st = TRY(root.stat(path));
    if (st.kind != FileKind::file)
      return fail(Errc::invalid, path + ": no object, but a " + std::string(to_string(st.kind)));
    TRY(root.remove_file(path));
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash);
    TRY(TRY(root.open_folder(folder)).sync());
    // Removes a run's folder with its last object. A folder that is not empty stays.
    if (folder.starts_with(kRunsPrefix)) static_cast<void>(root.remove_folder(folder));
    return {};
  }

  static ObjectInfo info_of(const NewObject& object, Crc32c crc32c)
  {
    return {
        .name = object.name, .size = object.size, .crc32c = crc32c, .metadata = object.metadata};
  }

  static Result<> require_plain(const NewObject& object)
  {
    if (object.content_encoding.empty()) return {};
    return fail(Errc::invalid,
                printable(object.name.value) + ": a folder keeps no content encoding");
  }

  static Result<> require_valid(const ObjectName& name)
  {
    const std::string_view first = std::string_view(name.value).substr(0, name.value.find('/'));
    const bool looks_temporary = name.value.starts_with(kTemporaryPrefix) ||
                                 name.value.contains("/" + std::string(kTemporaryPrefix));
    if (!is_valid_object_name(name.value) || first == kIncompleteFolder || looks_temporary) {
      return fail(Errc::invalid, printable(name.value) + ": not a valid object name");
    }
    return {};
  }

  /// Fails as commit_new() would, but before a byte is copied.
  Result<> require_free(const ObjectName& name)
  {
    TRY(require_valid(name));
    const Result<Folder> root = open_root();
    if (!root) return {};
    const Result<FileStat> there = root->stat(name.value);
    if (there) return fail(Errc::precondition_failed, name.value + ": the name is taken");
    return {};
  }

  /// A new file under .incomplete/, which is locked while it is written.
  Result<PendingFile> begin(const ObjectName& name)
  {
    Result<Folder> root = Folder::create(path(), readers_at_first_);
    if (!root) return std::unexpected(in_context("store " + url(), std::move(root).error()));
    root->set_readers(TRY(readers(*root)));
    prepare(*root);
    std::unique_lock<std::mutex> turn;
    if (folds_names_.load()) {
      turn = std::unique_lock(folders_mutex_);  // no other thread may make a folder meanwhile
      TRY(require_folders_spelled_so(*root, name.value));
    }
    const std::string temporary = std::string(kIncompleteFolder) + "/" + random_hex(16);
    Result<PendingFile> file =
        PendingFile::create(*root, temporary, name.value, PendingFile::Sync::now);
    if (!file) return std::unexpected(begin_error(std::move(file).error()));
    TRY(file->lock());
    return file;
  }

  /// As private as the marker is. unavailable if that was there and is gone: a disk that is
  /// unmounted in the middle of a run leaves its mount point, and what follows would go there.
  Result<Readers> readers(const Folder& root)
  {
    constexpr unsigned kGroupReads = 040;
    const Result<unsigned> marker = root.permissions(std::string(kStoreMarker));
    if (!marker && had_marker_.load()) {
      return fail(Errc::unavailable,
                  url() + ": its marker " + std::string(kStoreMarker) + " is gone",
                  "Is the disk still mounted? Nothing more was written.");
    }
    if (!marker) return readers_at_first_;
    had_marker_ = true;
    return (*marker & kGroupReads) != 0 ? Readers::group : Readers::owner;
  }

  /// Once, before the first write: removes leftovers, and looks how names fold.
  void prepare(const Folder& root)
  {
    const std::scoped_lock guard(preparing_);
    if (is_prepared_) return;
    const Result<Folder> incomplete = root.create_folder(kIncompleteFolder);
    if (!incomplete) return;  // the write says why
    is_prepared_ = true;
    remove_leftovers(*incomplete);
    folds_names_ = folds_names(*incomplete);
  }

  /// Two objects must never share a file: precondition_failed if a folder of the path is there
  /// under another spelling. Then no object of this name can be there.
  Result<> require_folders_spelled_so(const Folder& root, const std::string& name)
  {
    for (std::size_t slash = name.find('/'); slash != std::string::npos;
         slash = name.find('/', slash + 1)) {
      const std::string folder = name.substr(0, slash);
      if (known_folders_.contains(folder)) continue;
      if (!root.stat(folder)) return {};  // it and all below it are made under these names
      if (!TRY(is_spelled_so(root, folder))) {
        return fail(Errc::precondition_failed,
                    name + ": a folder of its path is there under another spelling");
      }
      known_folders_.insert(folder);
    }
    return {};
  }

  /// Removes the files that killed runs left below .incomplete/: those that nobody has locked.
  /// Younger files stay, because one that was just created may not be locked yet. Where the file
  /// system has no locks, those go that nobody has written to for a day.
  static void remove_leftovers(const Folder& incomplete)
  {
    const Result<std::vector<FolderEntry>> entries = incomplete.entries();
    if (!entries) return;
    for (const FolderEntry& entry : *entries) {
      Result<InputFile> file = incomplete.open_file(entry.name);
      if (!file) continue;
      const InputFile::Lock lock = file->lock();
      if (lock == InputFile::Lock::held) continue;
      const Timestamp oldest =
          wall_clock_now() -
          (lock == InputFile::Lock::free ? kLeftoverAge : kUnlockableLeftoverAge);
      const Result<FileStat> st = file->stat();
      if (!st || st->mtime_ns > oldest.time_since_epoch() / std::chrono::nanoseconds(1)) continue;
      static_cast<void>(incomplete.remove_file(entry.name));  // the next run tries again
    }
  }

  /// The CRC32C of what it has written.
  static Result<Crc32c> copy(const NewObject& object, ByteSource& source, PendingFile& file,
                             const std::stop_token& stop)
  {
    std::vector<std::byte> buffer(std::min<std::size_t>(kBufferSize, object.size + 1));
    std::uint64_t size = 0;
    Crc32c crc;
    for (;;) {
      if (stop.stop_requested()) return fail(Errc::cancelled, object.name.value + ": interrupted");
      const std::size_t n = TRY(source.read(buffer));
      if (n == 0) break;
      const ByteView piece = ByteView(buffer).first(n);
      crc = crc32c(piece, crc);
      size += n;
      TRY(file.write(piece));
    }
    if (size != object.size || crc != object.known_crc32c()) {
      return fail(Errc::corrupt,
                  object.name.value + ": the bytes are not those that were announced");
    }
    keep_metadata(file, object.metadata);
    return crc;
  }

  static Result<> read_all(InputFile& file, const ByteSink& sink, const std::stop_token& stop)
  {
    std::vector<std::byte> buffer(kBufferSize);
    for (;;) {
      if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      const std::size_t n = TRY(file.read(buffer));
      if (n == 0) return {};
      TRY(sink(ByteView(buffer).first(n)));
    }
  }

  StoreAddress address_;
  const Readers readers_at_first_;
  std::mutex preparing_;
  bool is_prepared_ = false;  // guarded by preparing_
  std::atomic<bool> had_marker_ = false;
  std::atomic<bool> folds_names_ = false;
  std::mutex folders_mutex_;
  std::set<std::string> known_folders_;  // spelled so; guarded by folders_mutex_
};

}  // namespace

std::unique_ptr<ObjectStore> open_dir_store(std::string path, bool group_readable)
{
  return std::make_unique<DirStore>(std::move(path), group_readable);
}

}  // namespace ib
