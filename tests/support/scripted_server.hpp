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

/// A request as it arrived.
struct Received {
  std::string method;
  std::string target;                          ///< path and query
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< its first 4 MiB
  std::uint64_t body_size = 0;
  int connection = 0;  ///< the number of its connection; the first one is 1

  /// The value of a header. "" if there is none.
  std::string header(const std::string& name) const;
};

struct Scripted {
  enum class Fault : std::uint8_t {
    none,
    close_at_once,      ///< closes the connection after the headers, without reading the body
    early_reply,        ///< replies without reading the body of the request
    close_after_reply,  ///< closes the connection after the whole reply
    no_reply,           ///< closes the connection after reading the request
    cut_reply,          ///< sends the headers and half of the body, then closes the connection
    stall,              ///< reads the request, then does nothing
    stall_within_reply,
    not_http,  ///< sends something that is not HTTP
  };
  int status = 200;
  std::vector<std::string> headers = {};  ///< in addition to Content-Length
  std::string body = {};
  Fault fault = Fault::none;
};

/// What a request must be like. Empty members match everything.
struct Expected {
  std::string method;
  std::string target;  ///< path and query, or only a path
  std::map<std::string, std::string> headers = {};
  std::vector<std::string> body_contains = {};
  std::function<bool(const Received&)> also = {};
};

/// An HTTP server on its own port that plays a script. Each request must be the next one that is
/// expected, and gets the reply for it. Any other request gets status 599 and fails the test. A
/// script that was not played to its end also fails the test. Thread-safe.
class ScriptedServer {
public:
  ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  void expect(Expected expected, Scripted reply);
  /// After the end of the script, calls `reply` for every request.
  void then_always(std::function<Scripted(const Received&)> reply);

  /// "http://127.0.0.1:PORT" + path
  std::string url(std::string_view path = {}) const;
  std::string host() const;  ///< "127.0.0.1:PORT"

  std::vector<Received> received() const;
  int connections() const;
  /// Blocks until `count` requests have arrived.
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
  std::vector<std::jthread> threads_;  // belongs to the accepting thread until that has ended
  std::jthread acceptor_;
};

}  // namespace ib::test
