// SPDX-License-Identifier: Apache-2.0
#include "transfer/upload.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"
#include "transfer/worker_exchange.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kReadSize = std::size_t{256} * 1024;
constexpr int kReadAttempts = 3;
// A file system's time stamps can be this coarse (FAT: two seconds). A second change within this
// time is invisible.
constexpr std::int64_t kYoungNs = 2'000'000'000;

/// Reads an open file from its first byte.
class FileSource final : public ByteSource {
public:
  /// The store reads it as many times as `passes`, if nothing has to be tried again.
  FileSource(InputFile& file, Progress& progress, unsigned passes)
      : file_(file), progress_(progress), passes_(passes)
  {}
  Result<std::size_t> read(std::span<std::byte> buffer) override
  {
    Result<std::size_t> n = file_.read(buffer);
    failed_ = !n;
    if (n) progress_.advance(0, *n / passes_);
    return n;
  }
  Result<> seek(std::uint64_t offset) override { return file_.seek(offset); }
  /// Whether the file could not be read. Otherwise the store failed.
  bool failed() const { return failed_; }

private:
  InputFile& file_;
  Progress& progress_;
  unsigned passes_;
  bool failed_ = false;
};

/// A worker's memory for the bytes of its files. It is neither cleared nor freed between files.
class Buffer {
public:
  explicit Buffer(MemoryBudget& budget) : budget_(budget) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { release(); }

  /// False if the workers hold so much already.
  bool has_room_for(std::size_t size)
  {
    if (size <= taken_) return true;
    if (!budget_.take(size - taken_)) return false;
    taken_ = size;
    return true;
  }
  /// What has_room_for() was true of, or kReadSize at most.
  std::span<std::byte> first(std::size_t size)
  {
    if (size > size_) {
      bytes_ = std::make_unique_for_overwrite<std::byte[]>(size);
      size_ = size;
    }
    return {bytes_.get(), size};
  }
  void release()
  {
    bytes_.reset();
    size_ = 0;
    budget_.give_back(std::exchange(taken_, 0));
  }

private:
  MemoryBudget& budget_;
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
  std::size_t taken_ = 0;  // of the budget
};

/// A file after reading and before storing.
struct ReadFile {
  HashedFile hashed;
  std::optional<InputFile> file;  // if it was too large to keep in memory
  ByteView bytes;                 // in the worker's buffer
};

Error changed_error(const std::string& path)
{
  return {.code = Errc::changed,
          .message = printable(path) + ": changed while it was read",
          .hint = "The next run reads it again."};
}

/// Reads and hashes a file. `changed` if its size or time differ before and after.
Result<ReadFile> read_once(const UploadCalls& calls, const std::string& path, std::size_t keep,
                           Buffer& buffer, const std::stop_token& stop)
{
  InputFile file = TRY(calls.open(path));
  const FileStat before = TRY(file.stat());
  const bool keeps =
      before.size <= keep && buffer.has_room_for(static_cast<std::size_t>(before.size) + 1);
  if (!keeps) file.will_read_sequentially();

  // One byte more than expected, to see the end of the file without another read.
  const std::span<std::byte> room =
      buffer.first(keeps ? static_cast<std::size_t>(before.size) + 1 : kReadSize);
  ContentHasher hasher;
  std::uint64_t size = 0;
  for (;;) {
    if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    // Hashes pieces while they are in the processor's cache.
    std::span<std::byte> piece = keeps ? room.subspan(static_cast<std::size_t>(size)) : room;
    piece = piece.first(std::min(piece.size(), kReadSize + 1));
    const std::size_t n = TRY(file.read(piece));
    hasher.update(piece.first(n));
    size += n;
    if (n < piece.size() || (keeps && size == room.size())) break;
  }
  const FileStat after = TRY(file.stat());
  if (before.size != after.size || before.mtime_ns != after.mtime_ns || size != after.size) {
    return std::unexpected(changed_error(path));
  }
  const std::int64_t now_ns = wall_clock_now().time_since_epoch() / std::chrono::nanoseconds(1);
  ReadFile read{
      .hashed = {.content = hasher.finish(),
                 .mtime_ns = after.mtime_ns,
                 .recheck = after.mtime_ns == kNoTime || after.mtime_ns > now_ns - kYoungNs},
      .file = std::nullopt,
      .bytes = {}};
  if (keeps) {
    read.bytes = room.first(static_cast<std::size_t>(size));
  } else {
    read.file = std::move(file);
  }
  return read;
}

Result<ReadFile> read_file_to_store(const UploadCalls& calls, const std::string& path,
                                    std::size_t keep, Buffer& buffer, const std::stop_token& stop)
{
  for (int attempt = 1;; ++attempt) {
    Result<ReadFile> read = read_once(calls, path, keep, buffer, stop);
    if (read || read.error().code != Errc::changed || attempt == kReadAttempts) return read;
  }
}

/// What the worker learned from the store. `store_failed` tells whether the store or the file
/// failed.
struct Stored {
  ObjectName object;
  std::optional<StorageClass> storage_class;
  std::optional<EncryptedObject> encrypted;
  bool sent = false;
  std::vector<ObjectName> taken;
};

class Uploader {
public:
  Uploader(ObjectStore& store, const UploadCalls& calls, Progress& progress,
           const std::stop_token& stop)
      : store_(store), calls_(calls), progress_(progress), stop_(stop)
  {}

  Result<Stored> store_under(const std::vector<ObjectName>& candidates, const std::string& path,
                             ReadFile& read, bool& store_failed)
  {
    const Content& content = read.hashed.content;
    std::vector<ObjectName> taken;
    for (auto candidate = candidates.begin(); candidate != candidates.end(); ++candidate) {
      const ObjectName& name = *candidate;
      NewObject object{
          .name = name,
          .size = content.size,
          .crc32c = content.crc32c,
          .metadata = {{"sha256", content.sha256.hex()}, {"sha1", content.sha1.hex()}}};
      if (read.hashed.mtime_ns != kNoTime)
        object.metadata.emplace("mtime", format_iso_ns(read.hashed.mtime_ns));
      const Result<ObjectInfo> put = send(with_path(object, path), read);
      if (put) {
        if (put->content_size() != content.size || put->content_crc32c() != content.crc32c) {
          store_failed = true;
          return fail(Errc::corrupt,
                      name.value + ": the store confirmed other bytes than were sent");
        }
        return Stored{.object = name,
                      .storage_class = put->storage_class,
                      .encrypted = encrypted_object(*put),
                      .sent = true,
                      .taken = std::move(taken)};
      }
      switch (put.error().code) {
        case Errc::invalid:
          continue;  // the store cannot hold this name
        case Errc::precondition_failed:
        case Errc::corrupt:  // the file has changed, or the store has got other bytes
          break;
        case Errc::changed:
        case Errc::cancelled:
        case Errc::too_large:  // it is this file's trouble, and the store holds the others
          return std::unexpected(put.error());
        default:
          store_failed = !source_failed_;
          return std::unexpected(put.error());
      }
      const Result<ObjectInfo> there = store_.stat(name, stop_);
      if (!there && there.error().code != Errc::not_found) {
        store_failed = true;
        return std::unexpected(there.error());
      }
      if (there && !there->size) return std::unexpected(untold_error(name));
      if (!there && put.error().code == Errc::corrupt) return std::unexpected(changed_error(path));
      const bool is_ours = there && (!calls_.is_ours || calls_.is_ours(*there));
      if (is_ours && holds(*there, content))
        return Stored{.object = name,
                      .storage_class = there->storage_class,
                      .encrypted = encrypted_object(*there),
                      .sent = false,
                      .taken = std::move(taken)};
      taken.push_back(name);
      // Whoever has taken this name may have taken the next one, too.
      if (there && !is_ours && candidates.end() - candidate > 2) candidate = candidates.end() - 2;
    }
    store_failed = true;
    return fail(Errc::precondition_failed,
                printable(path) + ": other content has every possible name for it in the store",
                "Something else writes to this store. Nothing was overwritten.");
  }

private:
  /// Adds the path, because the name of an object under hashed/ does not tell it, and that of an
  /// encrypted one tells nothing.
  NewObject with_path(NewObject object, const std::string& path) const
  {
    if (object.name.value.starts_with(kHashedPrefix) || store_.features().encrypts)
      object.metadata["path"] = escape_bytes(path);
    return object;
  }

  /// Other names would do no better, and each run would send the file again under a new one.
  static Error untold_error(const ObjectName& name)
  {
    return {.code = Errc::precondition_failed,
            .message = printable(name.value) + ": " + std::string(kUntoldSize),
            .hint = "It does not count as stored. A proxy may have changed the store's reply."};
  }

  Result<ObjectInfo> send(const NewObject& object, ReadFile& read)
  {
    source_failed_ = false;
    if (!read.file) {
      MemorySource source(read.bytes);
      Result<ObjectInfo> put = store_.put(object, source, stop_);
      if (put) progress_.advance(0, object.size);
      return put;
    }
    TRY(read.file->seek(0));
    FileSource source(*read.file, progress_,
                      object.size <= store_.features().reads_twice_up_to ? 2 : 1);
    Result<ObjectInfo> put = store_.put(object, source, stop_);
    source_failed_ = source.failed();
    return put;
  }

  static bool holds(const ObjectInfo& there, const Content& content)
  {
    if (there.content_size() != content.size || there.content_crc32c() != content.crc32c ||
        !holds_what_was_announced(there))
      return false;
    const auto sha256 = there.metadata.find("sha256");
    return sha256 == there.metadata.end() || sha256->second == content.sha256.hex();
  }

  ObjectStore& store_;
  const UploadCalls& calls_;
  Progress& progress_;
  const std::stop_token& stop_;
  bool source_failed_ = false;
};

/// How a file ended, for its worker.
struct Ended {
  UploadResult result;
  std::optional<Sha256> claimed;  // the content that this worker reserved
};

class UploadExchange : public WorkerExchange<FileToRead> {
public:
  UploadExchange(const UploadCalls& calls, Progress& progress, const std::stop_token& stop)
      : WorkerExchange(calls.next, stop), calls_(calls), progress_(progress)
  {}

  Result<Placement> place(const FileToRead& item, const HashedFile& file)
  {
    std::unique_lock turn(mutex_);
    const Sha256& sha256 = file.content.sha256;
    // If two files have the same content, the second waits for the first.
    changed_.wait(turn, [&] { return !verdict_ || !on_their_way_.contains(sha256); });
    if (!verdict_) return fail(Errc::cancelled, "the run is ending");
    Result<Placement> placement = calls_.place(item, file);
    if (!placement) {
      note(std::unexpected(placement.error()));
    } else if (std::holds_alternative<StoreUnder>(*placement)) {
      on_their_way_.insert(sha256);
    }
    return placement;
  }

  void finish(Ended ended)
  {
    const std::scoped_lock turn(mutex_);
    const bool failed = !ended.result.outcome;
    const bool cancelled = failed && ended.result.outcome.error().code == Errc::cancelled;
    if (ended.result.store_failed) {
      note(std::unexpected(ended.result.outcome.error()));
    } else if (cancelled) {
      note(fail(Errc::cancelled, "interrupted"));
    } else {
      progress_.advance(1, 0);
      note(calls_.done(std::move(ended.result)));
    }
    if (!ended.claimed) return;
    on_their_way_.erase(*ended.claimed);
    changed_.notify_all();
  }

private:
  const UploadCalls& calls_;
  Progress& progress_;
  std::set<Sha256> on_their_way_;  // guarded by mutex_
};

/// A thread that reads, hashes and stores one file after another.
class Worker {
public:
  Worker(ObjectStore& store, const UploadCalls& calls, WorkerTurns& turns, std::stop_token stop,
         UploadExchange& exchange, std::size_t keep, MemoryBudget& budget)
      : store_(store),
        calls_(calls),
        turns_(turns),
        progress_(turns),
        stop_(std::move(stop)),
        exchange_(exchange),
        keep_(keep),
        buffer_(budget)
  {}

  void run(unsigned index)
  {
    for (;;) {
      if (turns_.is_spare(index)) buffer_.release();
      if (!turns_.wait_for_turn(index)) return;
      const std::optional<FileToRead> item = exchange_.next();
      if (!item) return turns_.end_turns();
      Ended ended{.result = {.item = *item, .outcome = UploadOutcome{}}, .claimed = std::nullopt};
      ended.result.outcome = upload(*item, ended);
      exchange_.finish(std::move(ended));
    }
  }

private:
  Result<UploadOutcome> upload(const FileToRead& item, Ended& ended)
  {
    ReadFile read = TRY(read_file_to_store(calls_, item.file.path, keep_, buffer_, stop_));
    const Placement placement = TRY(exchange_.place(item, read.hashed));
    UploadOutcome outcome{.item = item, .file = read.hashed};
    if (const auto* already = std::get_if<StoredAlready>(&placement)) {
      outcome.object = already->object;
      outcome.storage_class = already->storage_class;
      outcome.encrypted = already->encrypted;
      outcome.end = already->left_behind ? UploadEnd::found : UploadEnd::held;
      progress_.advance(0, item.file.size);
    } else if (std::holds_alternative<LeaveAsIs>(placement)) {
      outcome.end = UploadEnd::left;
      progress_.advance(0, item.file.size);
    } else {
      ended.claimed = read.hashed.content.sha256;
      Uploader uploader(store_, calls_, progress_, stop_);
      Stored stored = TRY(uploader.store_under(std::get<StoreUnder>(placement).candidates,
                                               item.file.path, read, ended.result.store_failed));
      outcome.object = std::move(stored.object);
      outcome.storage_class = stored.storage_class;
      outcome.encrypted = std::move(stored.encrypted);
      outcome.end = stored.sent ? UploadEnd::sent : UploadEnd::found;
      outcome.taken = std::move(stored.taken);
    }
    return outcome;
  }

  ObjectStore& store_;
  const UploadCalls& calls_;
  WorkerTurns& turns_;
  Progress& progress_;
  std::stop_token stop_;
  UploadExchange& exchange_;
  std::size_t keep_;
  Buffer buffer_;
};

}  // namespace

Result<> run_uploads(ObjectStore& store, const UploadOptions& options, const UploadCalls& calls,
                     Progress& progress, const std::stop_token& stop)
{
  WorkerTurns turns(options.workers, progress);
  MemoryBudget budget(options.memory);
  UploadExchange exchange(calls, turns, stop);
  run_workers(options.workers, [&](unsigned index) {
    Worker(store, calls, turns, stop, exchange, options.keep_in_memory, budget).run(index);
  });
  return std::move(exchange).verdict();
}

}  // namespace ib
