// SPDX-License-Identifier: Apache-2.0
//
// One client's connection, with an end to its patience. For server.cpp alone.
#pragma once

#include <httplib.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace ib {

/// Reads requests and writes answers. A client that sends a request or takes an answer too slowly,
/// or that sends too much, finds its connection closed.
class ClientConnection final : public httplib::Stream {
public:
  using Clock = std::chrono::steady_clock;
  /// For all of a request, from its first byte on.
  static constexpr std::chrono::seconds kToRequest{15};
  /// A body has 64 KiB at most, and headers need less.
  static constexpr std::size_t kLargestRequest = std::size_t{128} * 1024;
  /// How long writes of one answer may wait altogether, and how much more for each MiB.
  static constexpr std::chrono::seconds kToTake{30};
  static constexpr std::chrono::seconds kToTakeMebibyte{60};

  explicit ClientConnection(socket_t socket) : socket_(socket) {}

  /// Waits for the first byte of a request. False where none comes.
  bool wait_for_request(std::chrono::seconds time);
  void begin_request();

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* data, std::size_t size) override;
  ssize_t write(const char* data, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

private:
  bool wait(short events, Clock::duration time) const;

  const socket_t socket_;
  Clock::time_point request_ends_{};
  std::size_t left_ = 0;
  Clock::duration waited_{};  // for the client to take the answer
  std::size_t written_ = 0;
};

}  // namespace ib
