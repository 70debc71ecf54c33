// SPDX-License-Identifier: Apache-2.0
#include "sys/threaded_sink.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace ib {
namespace {

// Large enough that the two threads seldom wait for each other, small enough for a processor's
// cache.
constexpr std::size_t kPiece = std::size_t{128} * 1024;
constexpr std::size_t kMostPieces = 8;

using Piece = std::vector<std::byte>;

}  // namespace

class ThreadedSink::State {
public:
  explicit State(ByteSink out)
      : out_(std::move(out)), thread_([this](const std::stop_token& stop) { hand_on(stop); })
  {}

  Result<> write(ByteView bytes)
  {
    while (!bytes.empty()) {
      if (filling_.capacity() == 0) filling_ = TRY(take_free_piece());
      const ByteView part = bytes.first(std::min(bytes.size(), kPiece - filling_.size()));
      filling_.insert(filling_.end(), part.begin(), part.end());
      bytes = bytes.subspan(part.size());
      if (filling_.size() == kPiece) submit();
    }
    return {};
  }

  Result<> finish()
  {
    if (!filling_.empty()) submit();
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
  Result<Piece> take_free_piece()
  {
    std::unique_lock lock(mutex_);
    // This wait ends: the thread gives each piece back, or it fails.
    changed_.wait(lock, [&] { return !free_.empty() || pieces_ < kMostPieces || error_; });
    if (error_) return std::unexpected(*error_);
    if (!free_.empty()) {
      Piece piece = std::move(free_.back());
      free_.pop_back();
      return piece;
    }
    ++pieces_;
    Piece piece;
    piece.reserve(kPiece);
    return piece;
  }

  void submit()
  {
    const std::lock_guard lock(mutex_);
    full_.push_back(std::exchange(filling_, {}));
    changed_.notify_all();
  }

  void hand_on(const std::stop_token& stop)
  {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [&] { return !full_.empty() || at_end_; }) && !full_.empty()) {
      if (stop.stop_requested()) return;
      Piece piece = std::move(full_.front());
      full_.pop_front();
      lock.unlock();
      Result<> taken = out_(piece);
      piece.clear();
      lock.lock();
      free_.push_back(std::move(piece));
      if (!taken) error_ = std::move(taken).error();
      changed_.notify_all();
      if (error_) return;
    }
  }

  const ByteSink out_;
  Piece filling_;  // only the writing thread uses it
  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_:
  std::deque<Piece> full_;
  std::vector<Piece> free_;
  std::size_t pieces_ = 0;
  bool at_end_ = false;
  std::optional<Error> error_;
  std::jthread thread_;  // last, because it uses everything above
};

ThreadedSink::ThreadedSink(ByteSink out) : state_(std::make_unique<State>(std::move(out))) {}
ThreadedSink::ThreadedSink(ThreadedSink&&) noexcept = default;
ThreadedSink::~ThreadedSink() = default;

Result<> ThreadedSink::write(ByteView bytes)
{
  return state_->write(bytes);
}

Result<> ThreadedSink::finish()
{
  return state_->finish();
}

}  // namespace ib
