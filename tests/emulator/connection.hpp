// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "emulator/http_message.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace ib::emulator {

/// Waits, but ends the waits early when the server stops.
class Pause {
public:
  /// Returns false if the server has stopped.
  bool wait(std::chrono::nanoseconds time);
  void stop();

private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
};

/// What all connections share on their way to the client. Any thread may call it.
class Line {
public:
  explicit Line(std::uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}
  /// Waits until `bytes` have gone down the line, after those of others that came before. Returns
  /// false if the server has stopped.
  bool carry(std::size_t bytes, Pause& pause);

private:
  const std::uint64_t bytes_per_second_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point free_at_;  // guarded by mutex_
};

/// A socket with a buffer for reading. Belongs to the thread of its connection.
class Connection {
public:
  /// Does not own `fd`. `line` may be null: what is sent is as fast as the socket.
  Connection(int fd, Pause& pause, Line* line);

  /// The bytes that have arrived and were not consumed.
  ByteView window() const { return ByteView(buffer_).subspan(begin_, end_ - begin_); }
  void consume(std::size_t n) { begin_ += n; }
  /// Waits for more bytes after the window. Returns false if no more will come or the buffer is
  /// full.
  bool fill();
  bool send(std::string_view head, ByteView body = {});
  /// Makes the later close send a reset instead of a normal end.
  void reset();
  Pause& pause() { return pause_; }
  std::uint64_t received() const { return received_; }

private:
  bool send_at_once(std::string_view head, ByteView body);

  int fd_;
  Pause& pause_;
  Line* line_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t received_ = 0;
};

/// A fault of the body of a request while it arrives.
struct BodyFault {
  std::optional<std::uint64_t> reset_after = {};  ///< resets the connection after so many bytes
  std::optional<std::uint64_t> stall_after = {};  ///< waits `stall_ms` after so many bytes
  std::uint64_t stall_ms = 0;
  std::uint64_t bytes_per_second = 0;
};

/// The body of one request, by Content-Length or in chunks. The first read sends "100 Continue".
class BodyStream {
public:
  BodyStream(Connection& connection, const Request& request);

  /// Waits for the next bytes and returns them. Empty at the end or if the connection broke.
  ByteView peek();
  /// Waits for more bytes after those of peek(). Returns false if no more will come.
  bool more();
  void consume(std::size_t n);

  /// Reads the rest and throws it away.
  void drain();
  /// The rest. Absent if it is longer than `limit` bytes or the connection broke.
  std::optional<std::string> text(std::size_t limit = 16 * 1024 * 1024);

  std::optional<std::uint64_t> declared() const { return declared_; }
  bool malformed() const { return malformed_; }
  /// Whether the body ended before its declared end.
  bool broken() const { return broken_; }
  /// Whether another request may follow on this connection.
  bool finished() const { return !broken_ && !malformed_ && at_end(); }
  std::uint64_t consumed() const { return consumed_; }
  BodyFault fault;

private:
  bool at_end() const
  {
    return chunked_ ? last_chunk_ && plain_begin_ == plain_.size() : remaining_ == 0;
  }
  bool read_chunk();
  bool broke();
  void admit();
  bool line(std::string& out);

  Connection& connection_;
  std::optional<std::uint64_t> declared_;
  std::uint64_t remaining_ = 0;
  std::uint64_t consumed_ = 0;
  bool chunked_ = false;
  bool last_chunk_ = false;
  bool expects_continue_ = false;
  bool malformed_ = false;
  bool broken_ = false;
  std::vector<std::byte> plain_;  // the bytes of the chunks
  std::size_t plain_begin_ = 0;
};

/// Returns false if the connection must not be used again.
bool send_response(Connection& connection, const Request& request, const Response& response,
                   bool keep_alive);

}  // namespace ib::emulator
