// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emulator/connection.hpp"

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace ib::emulator {

/// HTTP/1.1 on a socket of the loopback interface. Each connection has its thread, so that a fault
/// can happen at any byte. Many threads call `serve`.
class HttpServer {
public:
  using Serve = std::function<Response(const Request&, BodyStream&)>;

  /// Port 0 means any free port. `line` may be null. Throws if it cannot listen.
  HttpServer(const std::string& address, std::uint16_t port, Pause& pause, Line* line, Serve serve);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// Ends every connection and waits for their threads.
  ~HttpServer();

  std::uint16_t port() const { return port_; }

private:
  struct Peer {
    int fd = -1;
    bool done = false;  // guarded by mutex_
    std::jthread thread;
  };
  void accept_all();
  void converse(Peer& peer);
  void reap();

  Pause& pause_;
  Line* line_;
  Serve serve_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::list<Peer> peers_;
  std::atomic<bool> stopping_ = false;
  std::jthread acceptor_;
};

}  // namespace ib::emulator
