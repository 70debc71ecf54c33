// SPDX-License-Identifier: Apache-2.0
// One request and its reply through libcurl. Only http.cpp includes this.
#pragma once

#include "net/curl.hpp"
#include "net/http_message.hpp"
#include "sys/gzip.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <stop_token>

namespace ib {

/// One running request, and what curl's callbacks have learned about it.
class HttpExchange {
public:
  /// `under_way`: the number of running exchanges, including this one.
  HttpExchange(const HttpRequest& request, const std::stop_token& stop, const HttpOptions& options,
               std::size_t under_way)
      : request_(request),
        stop_(stop),
        stall_timeout_(options.stall_timeout),
        bandwidth_(options.bandwidth.get()),
        under_way_(under_way),
        last_activity_(std::chrono::steady_clock::now())
  {}

  void connect_to(const EasyHandle& easy);
  std::uint64_t body_size() const
  {
    return request_.body.size() + request_.source_size + request_.body_end.size();
  }
  /// The reply or the error, after curl_easy_perform has returned `code`.
  Result<HttpResponse> outcome(const EasyHandle& easy, CURLcode code);

private:
  static int on_start(void* self, char*, char*, int, int);
  static int on_socket(void* self, curl_socket_t socket, curlsocktype purpose);
  static std::size_t on_read(char* buffer, std::size_t size, std::size_t count, void* self);
  static std::size_t on_write(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent);

  Result<std::size_t> fill(std::span<std::byte> buffer);
  Result<std::size_t> fill_as_allowed(std::span<std::byte> buffer);
  void begin_body();
  Result<> take_body(ByteView bytes);
  Result<> take_plain(ByteView bytes);
  Result<> take_body_as_allowed(ByteView bytes);
  Result<std::size_t> may_move(std::size_t wanted);
  void count(std::size_t bytes) const;
  void be_active() { last_activity_ = std::chrono::steady_clock::now(); }
  HttpSent sent(const EasyHandle& easy, CURLcode code) const;
  /// Whether a kept connection broke before the reply, so that curl would have sent the request
  /// again.
  bool would_repeat(CURLcode code) const { return starts_ > 1 || code == CURLE_SEND_FAIL_REWIND; }
  Error error(const EasyHandle& easy, CURLcode code) const;

  const HttpRequest& request_;
  const std::stop_token& stop_;
  std::chrono::milliseconds stall_timeout_;
  Bandwidth* bandwidth_;
  std::size_t under_way_;
  std::chrono::steady_clock::time_point last_activity_;
  curl_off_t moved_ = 0;
  unsigned starts_ = 0;
  bool stalled_ = false;
  std::uint64_t position_ = 0;  // in the request's body
  std::optional<Error> failure_;
  HttpResponse response_;
  bool body_has_begun_ = false;
  std::optional<GzipReader> expander_;  // of a body that is gzip on its way alone
  bool taking_failed_ = false;          // and not the expanding
  std::array<char, CURL_ERROR_SIZE> reason_{};
};

}  // namespace ib
