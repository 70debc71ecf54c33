// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ib::test {

/// A request as it came.
struct Received {
  std::string method;
  std::string target;                          ///< path and query
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< its first 4 MiB
  std::uint64_t body_size = 0;
  int connection = 0;  ///< 1 for the first that was opened

  /// The header's value, or "".
  std::string header(const std::string& name) const;
};

struct Scripted {
  enum class Fault : std::uint8_t {
    none,
    close_at_once,  ///< after the headers of the request, before its body is read
    early_reply,    ///< the reply is sent before the body of the request is read, which then is not
    close_after_reply,  ///< the reply is whole, the connection is not kept
    no_reply,           ///< the request is read, then the connection is closed
    cut_reply,          ///< the headers and half of the body, then the connection is closed
    stall,              ///< the request is read, then nothing happens
    stall_within_reply,
    not_http,  ///< an answer in another language
  };
  int status = 200;
  std::vector<std::string> headers = {};  ///< beside Content-Length
  std::string body = {};
  Fault fault = Fault::none;
};

/// What is expected of a request; empty members expect nothing.
struct Expected {
  std::string method;
  std::string target;  ///< path and query, or a path alone
  std::map<std::string, std::string> headers = {};
  std::vector<std::string> body_contains = {};
  std::function<bool(const Received&)> also = {};
};

/// An HTTP server on a port of its own that plays a script: each request has to be the next one
/// expected, and gets the reply that goes with it. Anything else fails the test and is answered by
/// 599; so does a script that was not played to its end. Thread-safe.
class ScriptedServer {
public:
  ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  void expect(Expected expected, Scripted reply);
  /// Once the script is played to its end: this reply to everything else.
  void then_always(std::function<Scripted(const Received&)> reply);

  /// "http://127.0.0.1:PORT" + path
  std::string url(std::string_view path = {}) const;
  std::string host() const;  ///< "127.0.0.1:PORT"

  std::vector<Received> received() const;
  int connections() const;
  /// Blocks until so many requests have come.
  void wait_for_requests(std::size_t count) const;

private:
  void accept_connections();
  void serve(int fd, int connection);
  Scripted reply_to(const Received& received);

  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::list<std::pair<Expected, Scripted>> script_;  // guarded by mutex_
  std::function<Scripted(const Received&)> always_;  // guarded by mutex_
  std::vector<Received> received_;                   // guarded by mutex_
  std::vector<int> open_;                            // guarded by mutex_
  int connections_ = 0;                              // guarded by mutex_
  bool stopping_ = false;                            // guarded by mutex_
  std::vector<std::jthread> threads_;  // the accepting thread's alone, until it has ended
  std::jthread acceptor_;
};

}  // namespace ib::test
