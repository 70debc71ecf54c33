// SPDX-License-Identifier: Apache-2.0
#include "support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <system_error>

namespace ib::test {
namespace {

constexpr std::size_t kKept = std::size_t{4} * 1024 * 1024;

void require(bool ok, const char* what)
{
  if (!ok) throw std::system_error(errno, std::generic_category(), what);
}

/// Reads the bytes of a connection.
class Reader {
public:
  explicit Reader(int fd) : fd_(fd), buffer_(std::size_t{256} * 1024, '\0') {}

  /// Reads up to and including the empty line. Returns "" at the end of the connection.
  std::string head()
  {
    for (;;) {
      const std::size_t end = pending_.find("\r\n\r\n");
      if (end != std::string::npos) {
        std::string head = pending_.substr(0, end + 4);
        pending_.erase(0, end + 4);
        return head;
      }
      const ssize_t n = ::recv(fd_, buffer_.data(), buffer_.size(), 0);
      if (n <= 0) return {};
      pending_.append(buffer_, 0, static_cast<std::size_t>(n));
    }
  }

  bool body(std::uint64_t size, std::string& kept)
  {
    kept = pending_.substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(size, pending_.size())));
    pending_.erase(0, kept.size());
    std::uint64_t left = size - kept.size();
    while (left > 0) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size()));
      const ssize_t n = ::recv(fd_, buffer_.data(), wanted, 0);
      if (n <= 0) return false;
      if (kept.size() < kKept) kept.append(buffer_, 0, static_cast<std::size_t>(n));
      left -= static_cast<std::uint64_t>(n);
    }
    return true;
  }

private:
  int fd_;
  std::string buffer_;
  std::string pending_;
};

bool send_all(int fd, std::string_view bytes)
{
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

Received parse_head(const std::string& head)
{
  Received received;
  const std::size_t line = head.find("\r\n");
  const std::size_t first = head.find(' ');
  const std::size_t second = head.find(' ', first + 1);
  received.method = head.substr(0, first);
  received.target = head.substr(first + 1, second - first - 1);
  for (std::size_t at = line + 2; at < head.size() - 2;) {
    const std::size_t end = head.find("\r\n", at);
    const std::size_t colon = head.find(':', at);
    std::string name = head.substr(at, colon - at);
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::size_t value = std::min(head.find_first_not_of(' ', colon + 1), end);
    received.headers[name] = head.substr(value, end - value);
    at = end + 2;
  }
  return received;
}

std::string head_of(const Scripted& reply)
{
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\n";
  for (const std::string& header : reply.headers) head += header + "\r\n";
  return head + "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n";
}

/// What is wrong with the request. "" if nothing is.
std::string difference(const Expected& expected, const Received& received)
{
  if (!expected.method.empty() && received.method != expected.method) return "the method";
  const std::string path = received.target.substr(0, received.target.find('?'));
  if (!expected.target.empty() && received.target != expected.target && path != expected.target) {
    return "the target, which should be " + expected.target;
  }
  for (const auto& [name, value] : expected.headers) {
    if (received.header(name) != value) return "the header " + name + ": " + received.header(name);
  }
  for (const std::string& part : expected.body_contains) {
    if (received.body.find(part) == std::string::npos) return "the body, which should hold " + part;
  }
  if (expected.also && !expected.also(received)) return "something else";
  return {};
}

}  // namespace

std::string Received::header(const std::string& name) const
{
  const auto found = headers.find(name);
  return found == headers.end() ? std::string{} : found->second;
}

ScriptedServer::ScriptedServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
  require(listener_ >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  require(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0, "bind");
  require(::listen(listener_, 64) == 0, "listen");
  require(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0,
          "getsockname");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { accept_connections(); });
}

ScriptedServer::~ScriptedServer()
{
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    for (const auto& [expected, reply] : script_) {
      ADD_FAILURE() << "never requested: " << expected.method << " " << expected.target;
    }
    changed_.notify_all();
  }
  acceptor_.join();
  threads_.clear();
  ::close(listener_);
}

void ScriptedServer::expect(Expected expected, Scripted reply)
{
  const std::lock_guard lock(mutex_);
  script_.emplace_back(std::move(expected), std::move(reply));
}

void ScriptedServer::then_always(std::function<Scripted(const Received&)> reply)
{
  const std::lock_guard lock(mutex_);
  always_ = std::move(reply);
}

std::string ScriptedServer::host() const
{
  return "127.0.0.1:" + std::to_string(port_);
}

std::string ScriptedServer::url(std::string_view path) const
{
  return "http://" + host() + std::string(path);
}

std::vector<Received> ScriptedServer::received() const
{
  const std::lock_guard lock(mutex_);
  return received_;
}

int ScriptedServer::connections() const
{
  const std::lock_guard lock(mutex_);
  return connections_;
}

void ScriptedServer::wait_for_requests(std::size_t count) const
{
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return received_.size() >= count; });
}

void ScriptedServer::accept_connections()
{
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (stopping_ || fd < 0) {
      if (fd >= 0) ::close(fd);
      return;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    open_.push_back(fd);
    threads_.emplace_back([this, fd, connection = ++connections_] {
      serve(fd, connection);
      const std::lock_guard closing(mutex_);
      std::erase(open_, fd);
      ::close(fd);
    });
  }
}

Scripted ScriptedServer::reply_to(const Received& received)
{
  const std::lock_guard lock(mutex_);
  received_.push_back(received);
  changed_.notify_all();
  if (script_.empty() && always_) return always_(received);
  if (script_.empty()) {
    ADD_FAILURE() << "not in the script: " << received.method << " " << received.target;
    return {.status = 599};
  }
  const auto [expected, reply] = std::move(script_.front());
  script_.pop_front();
  const std::string wrong = difference(expected, received);
  if (wrong.empty()) return reply;
  ADD_FAILURE() << received.method << " " << received.target << ": not as expected in " << wrong
                << "\n"
                << received.body.substr(0, 2000);
  return {.status = 599};
}

void ScriptedServer::serve(int fd, int connection)
{
  using Fault = Scripted::Fault;
  Reader reader(fd);
  for (;;) {
    const std::string head = reader.head();
    if (head.empty()) return;
    Received received = parse_head(head);
    received.connection = connection;
    const std::string length = received.header("content-length");
    received.body_size = length.empty() ? 0 : std::stoull(length);
    bool skips_body = false;
    {
      const std::lock_guard lock(mutex_);
      const Fault next = script_.empty() ? Fault::none : script_.front().second.fault;
      skips_body = next == Fault::close_at_once || next == Fault::early_reply;
    }
    if (!skips_body && !reader.body(received.body_size, received.body)) return;
    const Scripted reply = reply_to(received);
    switch (reply.fault) {
      case Fault::close_at_once:
      case Fault::no_reply:
        return;
      case Fault::not_http:
        send_all(fd, "220 mail.example.com ESMTP\r\n");
        return;
      case Fault::cut_reply:
      case Fault::stall_within_reply:
        send_all(fd, head_of(reply) + reply.body.substr(0, reply.body.size() / 2));
        if (reply.fault == Fault::cut_reply) return;
        break;
      case Fault::stall:
        break;
      case Fault::early_reply:
        send_all(fd, head_of(reply) + reply.body);
        break;
      case Fault::none:
      case Fault::close_after_reply:
        if (!send_all(fd, head_of(reply)) ||
            (received.method != "HEAD" && !send_all(fd, reply.body)))
          return;
        if (reply.fault == Fault::close_after_reply) return;
        continue;
    }
    // Reads until the client gives up or the server ends. Unread bytes would reset the connection.
    std::string ignored;
    static_cast<void>(reader.body(UINT64_MAX, ignored));
    return;
  }
}

}  // namespace ib::test
