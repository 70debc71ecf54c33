// SPDX-License-Identifier: Apache-2.0
#include "web/client_connection.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <algorithm>
#include <array>
#include <cerrno>

namespace ib {
namespace {

using std::chrono::milliseconds;

template <class Ask>
void read_address(Ask ask, std::string& ip, int& port)
{
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as the call wants it
  if (ask(reinterpret_cast<sockaddr*>(&address), &length) != 0) return;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    const auto& four = reinterpret_cast<const sockaddr_in&>(address);
    static_cast<void>(::inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size()));
    port = ntohs(four.sin_port);
  } else if (address.ss_family == AF_INET6) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    const auto& six = reinterpret_cast<const sockaddr_in6&>(address);
    static_cast<void>(::inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size()));
    port = ntohs(six.sin6_port);
  }
  ip = text.data();
}

}  // namespace

bool ClientConnection::wait(short events, Clock::duration time) const
{
  pollfd fd{.fd = socket_, .events = events, .revents = 0};
  const auto left = std::chrono::ceil<milliseconds>(time).count();
  if (left <= 0) return false;
  int ready = 0;
  do {
    ready = ::poll(&fd, 1, static_cast<int>(left));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

bool ClientConnection::wait_for_request(std::chrono::seconds time)
{
  if (!wait(POLLIN, time)) return false;
  char first = 0;
  return ::recv(socket_, &first, 1, MSG_PEEK) > 0;
}

void ClientConnection::begin_request()
{
  request_ends_ = Clock::now() + kToRequest;
  left_ = kLargestRequest;
  waited_ = {};
  written_ = 0;
}

bool ClientConnection::is_readable() const
{
  return wait(POLLIN, request_ends_ - Clock::now());
}

bool ClientConnection::is_writable() const
{
  return wait(POLLOUT, kToTake);
}

ssize_t ClientConnection::read(char* data, std::size_t size)
{
  if (left_ == 0 || !is_readable()) return -1;
  ssize_t n = 0;
  do {
    n = ::recv(socket_, data, std::min(size, left_), 0);
  } while (n < 0 && errno == EINTR);
  if (n > 0) left_ -= static_cast<std::size_t>(n);
  return n;
}

ssize_t ClientConnection::write(const char* data, std::size_t size)
{
  const auto patience =
      kToTake + kToTakeMebibyte * static_cast<std::int64_t>(1 + (written_ >> 20U)) - waited_;
  const Clock::time_point began = Clock::now();
  if (!wait(POLLOUT, patience)) return -1;
  waited_ += Clock::now() - began;
  ssize_t n = 0;
  do {
    n = ::send(socket_, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  if (n < 0 && errno == EAGAIN) return 0;
  if (n > 0) written_ += static_cast<std::size_t>(n);
  return n;
}

void ClientConnection::get_remote_ip_and_port(std::string& ip, int& port) const
{
  read_address(
      [&](sockaddr* address, socklen_t* length) { return ::getpeername(socket_, address, length); },
      ip, port);
}

void ClientConnection::get_local_ip_and_port(std::string& ip, int& port) const
{
  read_address(
      [&](sockaddr* address, socklen_t* length) { return ::getsockname(socket_, address, length); },
      ip, port);
}

}  // namespace ib
