// SPDX-License-Identifier: Apache-2.0
#include "sys/spooled_sink.hpp"

#include "sys/fd.hpp"
#include "sys/file.hpp"
#include "sys/file_calls.hpp"
#include "sys/file_system.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace ib {
namespace {

constexpr std::size_t kPiece = std::size_t{128} * 1024;

/// How much may wait on disk at `folder`.
std::uint64_t room_in(const std::string& folder)
{
  const Result<FileSystem> found = file_system_of(folder);
  if (!found || found->type == "tmpfs" || found->type == "ramfs") return 0;
  return found->free_bytes / 2;
}

/// A file without a name. Some file systems have none: then one is made and removed at once.
Fd nameless_file(const std::string& folder)
{
  Fd file(
      uninterrupted([&] { return ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }));
  if (file.get() >= 0) return file;
  std::string name = folder + "/.immich-backup-XXXXXX";
  file = Fd(::mkostemp(name.data(), O_CLOEXEC));
  if (file.get() >= 0) ::unlink(name.c_str());
  return file;
}

}  // namespace

class SpooledSink::State {
public:
  State(ByteSink out, const std::string& folder, std::uint64_t most)
      : out_(std::move(out)),
        room_(std::min(most, room_in(folder))),
        file_(room_ > 0 ? nameless_file(folder) : Fd()),
        thread_([this](const std::stop_token& stop) { hand_on(stop); })
  {}

  Result<> write(ByteView bytes)
  {
    while (!bytes.empty()) {
      const ByteView part = bytes.first(std::min(bytes.size(), kPiece));
      bytes = bytes.subspan(part.size());
      std::unique_lock lock(mutex_);
      if (error_) return std::unexpected(*error_);
      if (put(part)) continue;
      // It is full. These waits end: the thread takes all that is there, or it fails.
      changed_.wait(lock, [&] { return begin_ == end_ || error_; });
      if (error_) return std::unexpected(*error_);
      if (put(part)) continue;
      direct_.assign(part.begin(), part.end());
      changed_.notify_all();
      changed_.wait(lock, [&] { return direct_.empty() || error_; });
      if (error_) return std::unexpected(*error_);
    }
    return {};
  }

  std::uint64_t waiting() const
  {
    const std::lock_guard lock(mutex_);
    return end_ - begin_;
  }

  Result<> finish()
  {
    {
      const std::lock_guard lock(mutex_);
      at_end_ = true;
      changed_.notify_all();
    }
    thread_.join();
    if (error_) return std::unexpected(*error_);  // the thread has ended, so only this one reads it
    return {};
  }

private:
  /// Appends to the file. False if it has no room. The mutex is held.
  bool put(ByteView bytes)
  {
    if (file_.get() < 0 || end_ + bytes.size() > room_) return false;
    std::uint64_t at = end_;
    while (!bytes.empty()) {
      const ssize_t written = uninterrupted([&] {
        return ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
      });
      if (written <= 0) return false;  // what was written is behind the end, and written over
      at += static_cast<std::uint64_t>(written);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    end_ = at;
    changed_.notify_all();
    return true;
  }

  void hand_on(const std::stop_token& stop)
  {
    std::vector<std::byte> piece;
    std::unique_lock lock(mutex_);
    const auto has_work = [&] { return begin_ < end_ || !direct_.empty() || at_end_; };
    while (changed_.wait(lock, stop, has_work) && !stop.stop_requested() &&
           (begin_ < end_ || !direct_.empty())) {
      const bool is_direct = begin_ == end_;
      if (is_direct) {
        piece = direct_;
      } else {
        piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, end_ - begin_)));
      }
      const auto from = static_cast<off_t>(begin_);
      lock.unlock();
      Result<> taken = is_direct ? out_(piece) : hand_on_from(from, piece);
      lock.lock();
      if (is_direct) {
        direct_.clear();
      } else {
        begin_ += piece.size();
        // All was taken: the file begins anew, and gives its room back.
        if (begin_ == end_ && ::ftruncate(file_.get(), 0) == 0) begin_ = end_ = 0;
      }
      if (!taken) error_ = std::move(taken).error();
      changed_.notify_all();
      if (error_) return;
    }
  }

  Result<> hand_on_from(off_t at, std::vector<std::byte>& piece) const
  {
    for (std::size_t done = 0; done < piece.size();) {
      const ssize_t size = uninterrupted([&] {
        return ::pread(file_.get(), piece.data() + done, piece.size() - done,
                       at + static_cast<off_t>(done));
      });
      if (size < 0) return std::unexpected(errno_error(errno, "a temporary file"));
      if (size == 0) return fail(Errc::io, "a temporary file has lost what was in it");
      done += static_cast<std::size_t>(size);
    }
    return out_(piece);
  }

  const ByteSink out_;
  const std::uint64_t room_;
  const Fd file_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_:
  std::uint64_t begin_ = 0;  // in the file, of what the sink has not taken
  std::uint64_t end_ = 0;
  std::vector<std::byte> direct_;  // a piece that found no room
  bool at_end_ = false;
  std::optional<Error> error_;
  std::jthread thread_;  // last, because it uses everything above
};

SpooledSink::SpooledSink(ByteSink out, const std::string& folder, std::uint64_t most)
    : state_(std::make_unique<State>(std::move(out), temporary_folder(folder), most))
{}
SpooledSink::SpooledSink(SpooledSink&&) noexcept = default;
SpooledSink::~SpooledSink() = default;

Result<> SpooledSink::write(ByteView bytes)
{
  return state_->write(bytes);
}

std::uint64_t SpooledSink::waiting() const
{
  return state_->waiting();
}

Result<> SpooledSink::finish()
{
  return state_->finish();
}

}  // namespace ib
