// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 over libcurl: one request, one reply. The caller decides what a status means and whether
// to try again.
#pragma once

#include "net/http_message.hpp"

#include <memory>
#include <stop_token>

namespace ib {

/// Sends requests. Any threads may do so at the same time. Keeps connections open for later
/// requests: as many as there were calls at the same time. A call holds at most 640 KiB of buffers.
class HttpClient {
public:
  explicit HttpClient(HttpOptions options = {});
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  /// Sends the request exactly once and follows no redirect. A reply of any status is a success
  /// here. An error of the source or of the sink is returned unchanged. Other errors are
  ///   - unavailable: the network failed (the message names the host and the reason), no byte moved
  ///     within the stall timeout, or a body that was compressed on its way is damaged;
  ///   - denied: the server's certificate does not verify;
  ///   - cancelled: `stop` was requested (noticed within a second);
  ///   - invalid: the address is neither http nor https, or a header holds a line break;
  ///   - corrupt: the source ended early, or a body is longer than `body_limit`.
  Result<HttpResponse> perform(const HttpRequest& request, const std::stop_token& stop);

private:
  struct Connections;
  HttpOptions options_;
  std::unique_ptr<Connections> connections_;
};

}  // namespace ib
