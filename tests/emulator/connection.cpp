// SPDX-License-Identifier: Apache-2.0
#include "emulator/connection.hpp"

#include "emulator/blob.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <ctime>

namespace ib::emulator {
namespace {

constexpr std::size_t kBuffer = 512 * 1024;
// Connections take turns on a line with so many bytes.
constexpr std::size_t kTurn = std::size_t{16} * 1024;

/// The time that `bytes` take on a link with this speed.
std::chrono::nanoseconds link_time(std::uint64_t bytes, std::uint64_t bytes_per_second)
{
  return std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 * static_cast<double>(bytes) /
                                                            static_cast<double>(bytes_per_second)));
}

std::string http_date()
{
  thread_local std::time_t last = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != last) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 40> buffer{};
    text.assign(buffer.data(),
                std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    last = now;
  }
  return text;
}

}  // namespace

bool Pause::wait(std::chrono::nanoseconds time)
{
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [&] { return stopped_; });
}

void Pause::stop()
{
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
  wake_.notify_all();
}

bool Line::carry(std::size_t bytes, Pause& pause)
{
  const auto now = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point arrives;
  {
    const std::scoped_lock lock(mutex_);
    free_at_ = std::max(free_at_, now) + link_time(bytes, bytes_per_second_);
    arrives = free_at_;
  }
  return pause.wait(arrives - now);
}

Connection::Connection(int fd, Pause& pause, Line* line)
    : fd_(fd), pause_(pause), line_(line), buffer_(kBuffer)
{}

bool Connection::fill()
{
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (end_ == buffer_.size() && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) return false;
  for (;;) {
    const ::ssize_t n = ::recv(fd_, buffer_.data() + end_, buffer_.size() - end_, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    end_ += static_cast<std::size_t>(n);
    received_ += static_cast<std::uint64_t>(n);
    return true;
  }
}

bool Connection::send(std::string_view head, ByteView body)
{
  if (line_ == nullptr) return send_at_once(head, body);
  if (!line_->carry(head.size(), pause_) || !send_at_once(head, {})) return false;
  while (!body.empty()) {
    const ByteView turn = body.first(std::min(body.size(), kTurn));
    if (!line_->carry(turn.size(), pause_) || !send_at_once({}, turn)) return false;
    body = body.subspan(turn.size());
  }
  return true;
}

bool Connection::send_at_once(std::string_view head, ByteView body)
{
  std::array<::iovec, 2> parts{::iovec{const_cast<char*>(head.data()), head.size()},
                               ::iovec{const_cast<std::byte*>(body.data()), body.size()}};
  ::msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  std::size_t left = head.size() + body.size();
  while (left > 0) {
    const ::ssize_t n = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    auto sent = static_cast<std::size_t>(n);
    left -= sent;
    for (::iovec& part : parts) {
      const std::size_t of_this = std::min(sent, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + of_this;
      part.iov_len -= of_this;
      sent -= of_this;
    }
  }
  return true;
}

void Connection::reset()
{
  const ::linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

BodyStream::BodyStream(Connection& connection, const Request& request) : connection_(connection)
{
  const Fields& headers = request.headers;
  if (lower_case(headers.value("transfer-encoding")).ends_with("chunked")) {
    chunked_ = true;
  } else if (const std::string* length = headers.find("content-length")) {
    declared_ = parse_number(*length);
    malformed_ = !declared_;
    remaining_ = declared_.value_or(0);
  } else {
    declared_ = 0;
  }
  expects_continue_ = lower_case(headers.value("expect")) == "100-continue";
}

bool BodyStream::broke()
{
  broken_ = true;
  return false;
}

void BodyStream::admit()
{
  if (!expects_continue_) return;
  expects_continue_ = false;
  if (!connection_.send("HTTP/1.1 100 Continue\r\n\r\n")) broke();
}

bool BodyStream::line(std::string& out)
{
  for (;;) {
    const std::string_view text = text_of(connection_.window());
    const auto end = text.find('\n');
    if (end != std::string_view::npos) {
      out = trimmed(text.substr(0, end));
      connection_.consume(end + 1);
      return true;
    }
    if (!connection_.fill()) return broke();
  }
}

bool BodyStream::read_chunk()
{
  std::string text;
  if (remaining_ == 0) {
    if (!line(text)) return false;
    text = text.substr(0, text.find(';'));
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), remaining_, 16);
    if (error != std::errc{} || text.empty()) {
      malformed_ = true;
      return broke();
    }
    if (remaining_ == 0) {
      do {
        if (!line(text)) return false;
      } while (!text.empty());
      last_chunk_ = true;
      return false;
    }
  }
  if (connection_.window().empty() && !connection_.fill()) return broke();
  const ByteView bytes = connection_.window();
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
  if (plain_begin_ > 0) {
    plain_.erase(plain_.begin(), plain_.begin() + static_cast<std::ptrdiff_t>(plain_begin_));
    plain_begin_ = 0;
  }
  plain_.insert(plain_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
  connection_.consume(n);
  remaining_ -= n;
  return remaining_ > 0 || line(text);
}

ByteView BodyStream::peek()
{
  if (broken_ || malformed_) return {};
  if (!at_end()) admit();
  if (fault.reset_after && consumed_ >= *fault.reset_after && !at_end()) {
    broke();
    connection_.reset();
    return {};
  }
  ByteView bytes;
  if (chunked_) {
    if (plain_begin_ == plain_.size() && !last_chunk_) read_chunk();
    bytes = ByteView(plain_).subspan(plain_begin_);
  } else {
    if (remaining_ == 0) return {};
    if (connection_.window().empty() && !connection_.fill()) {
      broke();
      return {};
    }
    bytes = connection_.window();
    bytes =
        bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), remaining_)));
  }
  const auto up_to = [&](std::optional<std::uint64_t> at) {
    if (at && *at > consumed_ && bytes.size() > *at - consumed_) {
      bytes = bytes.first(static_cast<std::size_t>(*at - consumed_));
    }
  };
  up_to(fault.reset_after);
  up_to(fault.stall_after);
  if (fault.stall_after && consumed_ >= *fault.stall_after) {
    fault.stall_after.reset();
    if (!connection_.pause().wait(std::chrono::milliseconds(fault.stall_ms))) broke();
  }
  return broken_ ? ByteView{} : bytes;
}

bool BodyStream::more()
{
  if (broken_ || malformed_) return false;
  // The fault comes after bytes that the reader has not consumed yet. It gets these first.
  if (fault.reset_after && connection_.window().size() + consumed_ >= *fault.reset_after) {
    connection_.reset();
    return broke();
  }
  if (fault.stall_after && connection_.window().size() + consumed_ >= *fault.stall_after) {
    fault.stall_after.reset();
    return connection_.pause().wait(std::chrono::milliseconds(fault.stall_ms)) || broke();
  }
  if (chunked_) return !last_chunk_ && read_chunk();
  return connection_.window().size() < remaining_ && (connection_.fill() || broke());
}

void BodyStream::consume(std::size_t n)
{
  consumed_ += n;
  if (chunked_) {
    plain_begin_ += n;
  } else {
    connection_.consume(n);
    remaining_ -= n;
  }
  if (fault.bytes_per_second != 0 &&
      !connection_.pause().wait(link_time(n, fault.bytes_per_second)))
    broke();
}

void BodyStream::drain()
{
  // The client still waits for "100 Continue" and has sent no body. The connection cannot be
  // reused.
  if (expects_continue_ && !at_end()) {
    broke();
    return;
  }
  for (ByteView bytes = peek(); !bytes.empty(); bytes = peek()) consume(bytes.size());
}

std::optional<std::string> BodyStream::text(std::size_t limit)
{
  std::string out;
  for (ByteView bytes = peek(); !bytes.empty(); bytes = peek()) {
    if (out.size() + bytes.size() > limit) return std::nullopt;
    out += text_of(bytes);
    consume(bytes.size());
  }
  if (!finished()) return std::nullopt;
  return out;
}

namespace {

/// Sends the body with the effects of the fault.
bool send_body(Connection& connection, std::string head, const Response& response,
               std::uint64_t length)
{
  const WireFault& fault = response.fault;
  const std::uint64_t end = fault.cut_after ? std::min(*fault.cut_after, length) : length;
  std::uint64_t sent = 0;
  std::vector<std::byte> buffer;
  std::vector<std::byte> damaged;
  bool stalled = false;
  while (sent < end || !head.empty()) {
    std::uint64_t most = std::min<std::uint64_t>(end - sent, std::uint64_t{4} << 20U);
    if (fault.stall_after && !stalled) {
      if (sent >= *fault.stall_after) {
        stalled = true;
        if (!head.empty() && !connection.send(std::exchange(head, {}))) return false;
        if (!connection.pause().wait(std::chrono::milliseconds(fault.stall_ms))) return false;
      } else {
        most = std::min(most, *fault.stall_after - sent);
      }
    }
    if (fault.bytes_per_second != 0) {
      most = std::min(most, std::max<std::uint64_t>(fault.bytes_per_second / 50, 1));
    }
    ByteView bytes;
    if (most > 0) {
      bytes =
          response.blob
              ? response.blob->read(response.offset + sent, static_cast<std::size_t>(most), buffer)
              : bytes_of(response.body)
                    .subspan(static_cast<std::size_t>(sent), static_cast<std::size_t>(most));
      if (bytes.empty()) return false;
    }
    if (fault.flip_at && *fault.flip_at >= sent && *fault.flip_at < sent + bytes.size()) {
      damaged.assign(bytes.begin(), bytes.end());
      damaged[static_cast<std::size_t>(*fault.flip_at - sent)] ^= std::byte{0xFF};
      bytes = damaged;
    }
    if (!connection.send(std::exchange(head, {}), bytes)) return false;
    sent += bytes.size();
    if (fault.bytes_per_second != 0 &&
        !connection.pause().wait(link_time(bytes.size(), fault.bytes_per_second))) {
      return false;
    }
  }
  return end == length;
}

}  // namespace

bool send_response(Connection& connection, const Request& request, const Response& response,
                   bool keep_alive)
{
  if (response.fault.reset) {
    connection.reset();
    return false;
  }
  const std::uint64_t length = response.blob ? response.length : response.body.size();
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.reserve(512);
  head.append(reason_phrase(response.status));
  if (!response.fault.no_date) head.append("\r\nDate: ").append(http_date());
  for (const auto& [name, value] : response.headers.list()) {
    head.append("\r\n").append(name).append(": ").append(value);
  }
  const bool bodyless = response.status == 204 || response.status == 304;
  if (!bodyless) head.append("\r\nContent-Length: ").append(std::to_string(length));
  if (!keep_alive || response.close) head.append("\r\nConnection: close");
  head.append("\r\n\r\n");
  const bool with_body = !bodyless && request.method != "HEAD";
  return send_body(connection, std::move(head), response, with_body ? length : 0) && keep_alive &&
         !response.close;
}

}  // namespace ib::emulator
