// SPDX-License-Identifier: Apache-2.0
#include "transfer/upload.hpp"

#include "base/text.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"
#include "transfer/queue.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <memory>
#include <thread>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kReadSize = std::size_t{256} * 1024;
constexpr int kReadAttempts = 3;
// A file system's time stamps can be this coarse (FAT: two seconds): a second change within it is invisible.
constexpr std::int64_t kYoungNs = 2'000'000'000;

/// A file that stays open, to be sent from its first byte.
class FileSource final : public ByteSource {
public:
  FileSource(InputFile& file, Progress& progress) : file_(file), progress_(progress) {}
  Result<std::size_t> read(std::span<std::byte> buffer) override
  {
    Result<std::size_t> n = file_.read(buffer);
    failed_ = !n;
    if (n) progress_.advance(0, *n);
    return n;
  }
  Result<> seek(std::uint64_t offset) override { return file_.seek(offset); }
  /// Whether it was the file that could not be read, and not the store that failed.
  bool failed() const { return failed_; }

private:
  InputFile& file_;
  Progress& progress_;
  bool failed_ = false;
};

/// A worker's memory for the bytes of one file after another: not cleared and not given back between them.
class Buffer {
public:
  std::span<std::byte> first(std::size_t size)
  {
    if (size > size_) {
      bytes_ = std::make_unique_for_overwrite<std::byte[]>(size);
      size_ = size;
    }
    return {bytes_.get(), size};
  }

private:
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
};

/// A file between its reading and its storing.
struct ReadFile {
  HashedFile hashed;
  std::optional<InputFile> file;  // where it was too large to keep
  ByteView bytes;                 // in the worker's buffer
};

Error changed_error(const std::string& path)
{
  return {.code = Errc::changed,
          .message = printable(path) + ": changed while it was read",
          .hint = "The next run reads it again."};
}

/// Reads and hashes a file; `changed` if it is not the same before and after.
Result<ReadFile> read_once(const UploadCalls& calls, const std::string& path, std::size_t keep,
                           Buffer& buffer, const std::stop_token& stop)
{
  InputFile file = TRY(calls.open(path));
  const FileStat before = TRY(file.stat());
  const bool keeps = before.size <= keep;
  if (!keeps) file.will_read_sequentially();

  // A byte more than there ought to be, to see the end without another read.
  const std::span<std::byte> room =
      buffer.first(keeps ? static_cast<std::size_t>(before.size) + 1 : kReadSize);
  ContentHasher hasher;
  std::uint64_t size = 0;
  for (;;) {
    if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    // What is kept is hashed by pieces all the same, while they are in the processor's cache.
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
  ReadFile read{.hashed = {.content = hasher.finish(),
                           .mtime_ns = after.mtime_ns,
                           .recheck = after.mtime_ns > now_ns - kYoungNs},
                .file = std::nullopt,
                .bytes = {}};
  if (keeps) {
    read.bytes = room.first(static_cast<std::size_t>(size));
  } else {
    read.file = std::move(file);
  }
  return read;
}

Result<ReadFile> read_file_to_store(const UploadCalls& calls, const std::string& path, std::size_t keep,
                                    Buffer& buffer, const std::stop_token& stop)
{
  for (int attempt = 1;; ++attempt) {
    Result<ReadFile> read = read_once(calls, path, keep, buffer, stop);
    if (read || read.error().code != Errc::changed || attempt == kReadAttempts) return read;
  }
}

/// What the worker learnt from the store; `store_failed` tells the store's failures from the file's.
struct Stored {
  ObjectName object;
  std::optional<StorageClass> storage_class;
  bool sent = false;
  std::vector<ObjectName> taken;
};

class Uploader {
public:
  Uploader(ObjectStore& store, Progress& progress, const std::stop_token& stop)
      : store_(store), progress_(progress), stop_(stop)
  {}

  Result<Stored> store_under(const std::vector<ObjectName>& candidates, const std::string& path,
                             ReadFile& read, bool& store_failed)
  {
    const Content& content = read.hashed.content;
    std::vector<ObjectName> taken;
    for (const ObjectName& name : candidates) {
      const NewObject object{.name = name,
                             .size = content.size,
                             .crc32c = content.crc32c,
                             .metadata = {{"sha256", content.sha256.hex()},
                                          {"sha1", content.sha1.hex()},
                                          {"mtime", format_iso_ns(read.hashed.mtime_ns)}}};
      const Result<ObjectInfo> put = send(with_path(object, path), read);
      if (put) {
        if (put->size != content.size || put->crc32c != content.crc32c) {
          store_failed = true;
          return fail(Errc::corrupt, name.value + ": the store confirmed other bytes than were sent");
        }
        return Stored{
            .object = name, .storage_class = put->storage_class, .sent = true, .taken = std::move(taken)};
      }
      switch (put.error().code) {
        case Errc::invalid:
          continue;  // a name that this store cannot hold
        case Errc::precondition_failed:
          break;
        case Errc::corrupt:
          return std::unexpected(changed_error(path));  // other bytes than were hashed
        case Errc::changed:
        case Errc::cancelled:
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
      if (there && holds(*there, content))
        return Stored{
            .object = name, .storage_class = there->storage_class, .sent = false, .taken = std::move(taken)};
      taken.push_back(name);
    }
    store_failed = true;
    return fail(Errc::precondition_failed,
                printable(path) + ": every name for it in the store holds something else",
                "Somebody else writes to this store. Nothing was overwritten.");
  }

private:
  /// The name of an object under hashed/ does not say whose it is.
  static NewObject with_path(NewObject object, const std::string& path)
  {
    if (object.name.value.starts_with(kHashedPrefix)) object.metadata["path"] = escape_bytes(path);
    return object;
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
    FileSource source(*read.file, progress_);
    Result<ObjectInfo> put = store_.put(object, source, stop_);
    source_failed_ = source.failed();
    return put;
  }

  static bool holds(const ObjectInfo& there, const Content& content)
  {
    if (there.size != content.size || there.crc32c != content.crc32c) return false;
    const auto sha256 = there.metadata.find("sha256");
    return sha256 == there.metadata.end() || sha256->second == content.sha256.hex();
  }

  ObjectStore& store_;
  Progress& progress_;
  const std::stop_token& stop_;
  bool source_failed_ = false;
};

/// The messages from workers to the calling thread.
struct Question {
  const FileToRead* item;
  const HashedFile* file;
  std::promise<Result<Placement>>* answer;
};
struct Ended {
  UploadResult result;
  std::optional<Sha256> claimed;  // the content that this worker had the word for
};
using Message = std::variant<Question, Ended>;

/// What all threads of one run_uploads share.
struct Shared {
  ObjectStore& store;
  const UploadOptions& options;
  const UploadCalls& calls;
  Progress& progress;
  std::stop_token stop;
  Queue<FileToRead> work;
  Queue<Message> messages;
};

Ended upload_one(Shared& shared, const FileToRead& item, std::size_t keep, Buffer& buffer)
{
  Ended ended{.result = {.item = item, .outcome = UploadOutcome{}}, .claimed = std::nullopt};
  const auto failed = [&](Error error) {
    ended.result.outcome = std::unexpected(std::move(error));
    return std::move(ended);
  };
  Result<ReadFile> read = read_file_to_store(shared.calls, item.file.path, keep, buffer, shared.stop);
  if (!read) return failed(std::move(read).error());

  std::promise<Result<Placement>> answer;
  std::future<Result<Placement>> answered = answer.get_future();
  shared.messages.push(Question{&item, &read->hashed, &answer});
  Result<Placement> placement = answered.get();
  if (!placement) return failed(std::move(placement).error());

  UploadOutcome outcome{.item = item, .file = read->hashed};
  if (const auto* already = std::get_if<StoredAlready>(&*placement)) {
    outcome.object = already->object;
    outcome.storage_class = already->storage_class;
    outcome.found = already->left_behind;
    shared.progress.advance(0, item.file.size);
  } else if (std::holds_alternative<LeaveAsIs>(*placement)) {
    outcome.left = true;
    shared.progress.advance(0, item.file.size);
  } else {
    ended.claimed = read->hashed.content.sha256;
    Uploader uploader(shared.store, shared.progress, shared.stop);
    Result<Stored> stored = uploader.store_under(std::get<StoreUnder>(*placement).candidates, item.file.path,
                                                 *read, ended.result.store_failed);
    if (!stored) return failed(std::move(stored).error());
    outcome.object = std::move(stored->object);
    outcome.storage_class = stored->storage_class;
    outcome.sent = stored->sent;
    outcome.found = !stored->sent;
    outcome.taken = std::move(stored->taken);
  }
  ended.result.outcome = std::move(outcome);
  return ended;
}

/// The calling thread's side: feeds work, answers questions, takes results.
class Conductor {
public:
  explicit Conductor(Shared& shared) : shared_(shared) {}

  Result<> run()
  {
    // As many as the workers can hold, and as many waiting: enough to keep them busy, little to wait for.
    const std::size_t limit = std::size_t{2} * std::max(1U, shared_.options.workers);
    bool exhausted = false;
    for (;;) {
      while (!exhausted && verdict_ && under_way_ < limit) {
        if (shared_.stop.stop_requested()) {
          note(fail(Errc::cancelled, "interrupted"));
          break;
        }
        Result<std::optional<FileToRead>> next = shared_.calls.next();
        if (!next) {
          note(std::unexpected(std::move(next).error()));
        } else if (!*next) {
          exhausted = true;
        } else {
          shared_.work.push(std::move(**next));
          ++under_way_;
        }
      }
      if (under_way_ == 0) return std::move(verdict_);
      // Never empty: something is under way, and each worker's last word is a message.
      Message message = *shared_.messages.pop();
      if (auto* question = std::get_if<Question>(&message)) {
        answer(*question);
      } else {
        finish(std::get<Ended>(std::move(message)));
      }
    }
  }

private:
  /// Keeps the first thing that went wrong for all files.
  void note(Result<> result)
  {
    if (!result && verdict_) verdict_ = std::move(result);
  }

  void answer(const Question& question)
  {
    const Sha256& sha256 = question.file->content.sha256;
    if (!verdict_) {
      question.answer->set_value(fail(Errc::cancelled, "the run is ending"));
      return;
    }
    const auto on_its_way = parked_.find(sha256);
    if (on_its_way != parked_.end()) {
      on_its_way->second.push_back(question);  // the same content twice: the second waits for the first
      return;
    }
    Result<Placement> placement = shared_.calls.place(*question.item, *question.file);
    if (!placement) {
      note(std::unexpected(placement.error()));
    } else if (std::holds_alternative<StoreUnder>(*placement)) {
      parked_.try_emplace(sha256);
    }
    question.answer->set_value(std::move(placement));
  }

  void finish(Ended ended)
  {
    --under_way_;
    const bool failed = !ended.result.outcome;
    if (ended.result.store_failed) note(std::unexpected(ended.result.outcome.error()));
    const bool cancelled = failed && ended.result.outcome.error().code == Errc::cancelled;
    if (!cancelled && !ended.result.store_failed) {
      shared_.progress.advance(1, 0);
      note(shared_.calls.done(std::move(ended.result)));
    } else if (cancelled) {
      note(fail(Errc::cancelled, "interrupted"));
    }
    if (!ended.claimed) return;
    const auto node = parked_.extract(*ended.claimed);
    if (node.empty()) return;
    for (const Question& question : node.mapped()) answer(question);
  }

  Shared& shared_;
  std::size_t under_way_ = 0;
  Result<> verdict_;
  std::map<Sha256, std::vector<Question>> parked_;  // contents on their way, and who waits for them
};

}  // namespace

Result<> run_uploads(ObjectStore& store, const UploadOptions& options, const UploadCalls& calls,
                     Progress& progress, const std::stop_token& stop)
{
  Shared shared{.store = store,
                .options = options,
                .calls = calls,
                .progress = progress,
                .stop = stop,
                .work = {},
                .messages = {}};
  const unsigned count = std::max(1U, options.workers);
  const std::size_t keep = std::min(options.keep_in_memory, options.memory / count);
  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < count; ++i) {
    workers.emplace_back([&shared, keep] {
      Buffer buffer;
      while (std::optional<FileToRead> item = shared.work.pop())
        shared.messages.push(upload_one(shared, *item, keep, buffer));
    });
  }
  Result<> result = Conductor(shared).run();
  shared.work.close();
  return result;
}

}  // namespace ib
