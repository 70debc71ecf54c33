// SPDX-License-Identifier: Apache-2.0
#include "emulator/http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace ib::emulator {
namespace {

constexpr std::size_t kLongestHead = 64 * 1024;

/// Reads the head of the next request, without the empty line at its end. Absent if the connection
/// ended.
std::optional<std::string> read_head(Connection& connection)
{
  std::size_t searched = 0;
  for (;;) {
    const std::string_view text = text_of(connection.window());
    auto end = text.find('\n', searched);
    while (end != std::string_view::npos) {
      const std::string_view rest = text.substr(end + 1);
      const std::size_t blank = rest.starts_with("\r\n") ? 2 : rest.starts_with("\n") ? 1 : 0;
      if (blank != 0) {
        std::string head(text.substr(0, end));
        connection.consume(end + 1 + blank);
        return head;
      }
      if (rest.size() < 2) break;
      end = text.find('\n', end + 1);
    }
    searched = text.size() > 3 ? text.size() - 3 : 0;
    if (text.size() > kLongestHead || !connection.fill()) return std::nullopt;
  }
}

}  // namespace

HttpServer::HttpServer(const std::string& address, std::uint16_t port, Pause& pause, Line* line,
                       Serve serve)
    : pause_(pause), line_(line), serve_(std::move(serve))
{
  const auto failed = [&](const std::string& what) {
    const std::string cause = std::strerror(errno);
    if (listener_ >= 0) ::close(listener_);
    throw std::runtime_error(what + " " + address + ":" + std::to_string(port) + ": " + cause);
  };
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0) failed("no socket for");
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &at.sin_addr) != 1) failed("not an address:");
  if (::bind(listener_, reinterpret_cast<const ::sockaddr*>(&at), sizeof at) != 0)
    failed("cannot bind to");
  if (::listen(listener_, 512) != 0) failed("cannot listen on");
  ::socklen_t length = sizeof at;
  ::getsockname(listener_, reinterpret_cast<::sockaddr*>(&at), &length);
  port_ = ntohs(at.sin_port);
  acceptor_ = std::jthread([this] { accept_all(); });
}

HttpServer::~HttpServer()
{
  stopping_ = true;
  pause_.stop();
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::scoped_lock lock(mutex_);
    for (Peer& peer : peers_) {
      if (!peer.done) ::shutdown(peer.fd, SHUT_RDWR);
    }
  }
  peers_.clear();  // joins their threads
}

void HttpServer::reap()
{
  const std::scoped_lock lock(mutex_);
  peers_.remove_if([](const Peer& peer) { return peer.done; });
}

void HttpServer::accept_all()
{
  while (!stopping_) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (stopping_ || !pause_.wait(std::chrono::milliseconds(20))) return;
      continue;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    reap();
    const std::scoped_lock lock(mutex_);
    Peer& peer = peers_.emplace_back();
    peer.fd = fd;
    peer.thread = std::jthread([this, &peer] { converse(peer); });
  }
}

void HttpServer::converse(Peer& peer)
{
  Connection connection(peer.fd, pause_, line_);
  for (bool going = true; going && !stopping_;) {
    const std::optional<std::string> head = read_head(connection);
    if (!head) break;
    std::optional<Request> request = parse_head(*head);
    if (!request) {
      connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      break;
    }
    BodyStream body(connection, *request);
    const Response response = serve_(*request, body);
    // The rest of the body comes before the next request.
    if (!response.fault.reset && !body.finished()) body.drain();
    going = send_response(connection, *request, response, request->keep_alive && body.finished());
  }
  ::shutdown(peer.fd, SHUT_WR);
  const std::scoped_lock lock(mutex_);
  ::close(peer.fd);
  peer.done = true;
}

}  // namespace ib::emulator
