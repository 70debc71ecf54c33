// SPDX-License-Identifier: Apache-2.0
#include "emulator/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <stdexcept>

namespace ib::test {

RawClient::RawClient(const emulator::GcsEmulator& emulator)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
  ::sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(emulator.port());
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const ::sockaddr*>(&to), sizeof to) != 0) {
    ::close(fd_);
    throw std::runtime_error("cannot connect to the emulator");
  }
}

RawClient::~RawClient()
{
  ::close(fd_);
}

void RawClient::send(std::string_view bytes)
{
  while (!bytes.empty()) {
    const ::ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;  // the server has closed the connection, which receive() will notice
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

RawReply RawClient::receive(bool with_body)
{
  const auto more = [&] {
    std::array<char, 65536> bytes{};
    const ::ssize_t n = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (n > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(n));
    return n > 0;
  };
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return {};
  }
  RawReply reply;
  reply.status = static_cast<int>(emulator::parse_number(buffer_.substr(9, 3)).value_or(0));
  for (const std::string_view line :
       emulator::split(std::string_view(buffer_).substr(0, end), '\n')) {
    emulator::parse_field(emulator::trimmed(line), reply.headers);
  }
  buffer_.erase(0, end + 4);
  if (!with_body) return reply;
  const std::size_t length =
      emulator::parse_number(reply.headers.value("content-length")).value_or(0);
  while (buffer_.size() < length && more()) {
  }
  reply.cut = buffer_.size() < length;
  reply.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return reply;
}

RawReply RawClient::ask(std::string_view method, std::string_view target, std::string_view headers,
                        std::string_view body)
{
  std::string request =
      std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: emulator\r\n";
  request += headers;
  if (headers.find("Content-Length") == std::string_view::npos &&
      headers.find("Transfer-Encoding") == std::string_view::npos) {
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  request.append("\r\n").append(body);
  send(request);
  return receive(method != "HEAD");
}

}  // namespace ib::test
