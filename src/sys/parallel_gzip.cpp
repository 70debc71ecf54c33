// SPDX-License-Identifier: Apache-2.0
#include "sys/parallel_gzip.hpp"

#include "base/assert.hpp"

#include <zlib.h>
#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace ib {
namespace {

constexpr int kRawFormat = -15;  // the largest window, without a header: we write our own
constexpr std::size_t kWindow = std::size_t{32} * 1024;
// As in pigz. Larger blocks gain nothing, since each begins with the window of the block before it.
constexpr std::size_t kBlock = std::size_t{128} * 1024;
// Enough to have the next 8 MiB ready for a sink that sends 8 MiB at a time.
constexpr std::size_t kHeldAtMost = std::size_t{16} * 1024 * 1024;
// What is not compressed yet need not wait for long: a thread that is done finds its next block,
// and more gains nothing.
constexpr std::size_t kWaitingPerThread = 4;
// pg_dump is no faster than four threads compress.
constexpr unsigned kMostThreads = 4;

constexpr std::array<unsigned char, 10> kHeader{0x1f, 0x8b, Z_DEFLATED, 0, 0,
                                                0,    0,    0,          0, 3 /* Unix */};

/// The work of one compressing thread. While it works, no other thread touches the block.
struct Block {
  std::vector<unsigned char>
      plain;               // the window (the end of the bytes before), then the block's own bytes
  std::size_t window = 0;  // bytes of the window in `plain`
  bool last = false;
  std::vector<unsigned char> compressed;
  std::size_t size = 0;  // bytes of the block's own
  uLong crc = 0;         // of the block's own bytes
  bool done = false;

  std::size_t plain_size() const { return plain.size() - window; }
};

/// The deflate state of one thread, which uses it for one block after the other.
class Deflater {
public:
  explicit Deflater(int level)
  {
    IB_ASSERT(deflateInit2(&stream_, level, Z_DEFLATED, kRawFormat, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { deflateEnd(&stream_); }

  void compress(Block& block)
  {
    constexpr std::size_t kFlushMarker = 64;
    const auto size = static_cast<uInt>(block.plain_size());
    IB_ASSERT(deflateReset(&stream_) == Z_OK);
    if (block.window > 0) {
      IB_ASSERT(deflateSetDictionary(&stream_, block.plain.data(),
                                     static_cast<uInt>(block.window)) == Z_OK);
    }
    buffer_.resize(deflateBound(&stream_, size) + kFlushMarker);
    stream_.next_in = block.plain.data() + block.window;
    stream_.avail_in = size;
    stream_.next_out = buffer_.data();
    stream_.avail_out = static_cast<uInt>(buffer_.size());
    // A flush ends at a byte boundary, so that the next block can follow.
    const int status = deflate(&stream_, block.last ? Z_FINISH : Z_SYNC_FLUSH);
    IB_ASSERT(status == (block.last ? Z_STREAM_END : Z_OK) && stream_.avail_in == 0 &&
              stream_.avail_out > 0);
    block.compressed.assign(buffer_.data(), stream_.next_out);
    block.size = size;
    block.crc = crc32(0, block.plain.data() + block.window, size);
    block.plain = {};
  }

private:
  z_stream stream_{};
  std::vector<unsigned char> buffer_;
};

ByteView view(const unsigned char* bytes, std::size_t size)
{
  return {reinterpret_cast<const std::byte*>(bytes), size};
}

std::array<unsigned char, 8> trailer(uLong crc, std::uint64_t size)
{
  std::array<unsigned char, 8> bytes{};
  for (unsigned i = 0; i < 4; ++i) {
    bytes[i] = static_cast<unsigned char>(crc >> (8 * i));
    bytes[4 + i] = static_cast<unsigned char>(size >> (8 * i));
  }
  return bytes;
}

}  // namespace

class ParallelGzipWriter::State {
public:
  State(ByteSink out, int level, unsigned threads) : out_(std::move(out))
  {
    for (unsigned i = 0; i < std::max(threads, 1U); ++i)
      compressors_.emplace_back(
          [this, level](const std::stop_token& stop) { compress(level, stop); });
    sender_ = std::jthread([this](const std::stop_token& stop) { send(stop); });
  }

  Result<> write(ByteView plain)
  {
    while (!plain.empty()) {
      if (!next_) next_ = begin_block();
      const std::size_t n = std::min(plain.size(), kBlock - next_->plain_size());
      const auto* bytes = reinterpret_cast<const unsigned char*>(plain.data());
      next_->plain.insert(next_->plain.end(), bytes, bytes + n);
      plain = plain.subspan(n);
      if (next_->plain_size() == kBlock) TRY(submit());
    }
    return {};
  }

  Result<> finish()
  {
    if (!next_) next_ = begin_block();
    next_->last = true;
    TRY(submit());
    sender_.join();
    if (error_)
      return std::unexpected(*error_);  // the sender has ended, so only this thread reads it
    return {};
  }

private:
  std::unique_ptr<Block> begin_block()
  {
    auto block = std::make_unique<Block>();
    block->plain.reserve(kWindow + kBlock);
    block->plain = std::exchange(window_, {});
    block->window = block->plain.size();
    return block;
  }

  Result<> submit()
  {
    const std::vector<unsigned char>& plain = next_->plain;
    window_.assign(plain.end() - static_cast<std::ptrdiff_t>(std::min(kWindow, plain.size())),
                   plain.end());
    std::unique_lock lock(mutex_);
    // This wait ends: threads go on compressing, each block that is sent reduces `held_`, and a
    // sender that fails sets `error_`.
    changed_.wait(lock, [&] {
      return (held_ < kHeldAtMost && waiting_.size() < kWaitingPerThread * compressors_.size()) ||
             error_;
    });
    if (error_) return std::unexpected(*error_);
    held_ += next_->plain.size();
    waiting_.push_back(next_.get());
    in_order_.push_back(std::move(next_));
    changed_.notify_all();
    return {};
  }

  void compress(int level, const std::stop_token& stop)
  {
    Deflater deflater(level);
    while (true) {
      Block* block = nullptr;
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) return;
        block = waiting_.front();
        waiting_.pop_front();
        changed_.notify_all();
      }
      const std::size_t plain_size = block->plain.size();
      deflater.compress(*block);
      const std::lock_guard lock(mutex_);
      held_ += block->compressed.size();
      held_ -= plain_size;
      block->done = true;
      changed_.notify_all();
    }
  }

  void send(const std::stop_token& stop)
  {
    Result<> sent = out_(view(kHeader.data(), kHeader.size()));
    for (bool last = false; sent && !last;) {
      std::unique_ptr<Block> block;
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop,
                           [&] { return !in_order_.empty() && in_order_.front()->done; }))
          return;
        block = std::move(in_order_.front());
        in_order_.pop_front();
      }
      sent = send(*block);
      last = block->last;
      const std::lock_guard lock(mutex_);
      held_ -= block->compressed.size();
      changed_.notify_all();
    }
    if (sent) return;
    const std::lock_guard lock(mutex_);
    error_ = std::move(sent).error();
    changed_.notify_all();
  }

  Result<> send(const Block& block)
  {
    TRY(out_(view(block.compressed.data(), block.compressed.size())));
    crc_ = crc32_combine(crc_, block.crc, static_cast<z_off_t>(block.size));
    size_ += block.size;
    if (!block.last) return {};
    const auto end = trailer(crc_, size_);
    return out_(view(end.data(), end.size()));
  }

  const ByteSink out_;
  // Only the writing thread uses these.
  std::unique_ptr<Block> next_;
  std::vector<unsigned char> window_;
  // Only the sender uses these.
  uLong crc_ = 0;
  std::uint64_t size_ = 0;

  std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  std::deque<std::unique_ptr<Block>> in_order_;
  std::deque<Block*> waiting_;  // the blocks that no thread has taken yet
  std::size_t held_ = 0;        // bytes, plain or compressed
  std::optional<Error> error_;  // of the sink

  // Last, so that the threads end before anything that they use is destroyed.
  std::vector<std::jthread> compressors_;
  std::jthread sender_;
};

ParallelGzipWriter::ParallelGzipWriter(ByteSink out, int level, unsigned threads)
    : state_(std::make_unique<State>(std::move(out), level, threads))
{}

ParallelGzipWriter::~ParallelGzipWriter() = default;

Result<> ParallelGzipWriter::write(ByteView plain)
{
  return state_->write(plain);
}

Result<> ParallelGzipWriter::finish()
{
  return state_->finish();
}

unsigned ParallelGzipWriter::useful_threads()
{
  return std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads);
}

}  // namespace ib
