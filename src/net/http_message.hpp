// SPDX-License-Identifier: Apache-2.0
//
// A request and its reply, as values.
#pragma once

#include "base/byte_source.hpp"
#include "net/bandwidth.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// How much of a request was sent. A request that failed when it was `whole` may have had its
/// effect: perhaps only the reply was lost.
enum class HttpSent : std::uint8_t { nothing, part, whole };

struct HttpResponse {
  long status = 0;
  /// Names in lower case. The values of a repeated header are joined by ", ".
  std::map<std::string, std::string, std::less<>> headers = {};
  std::string body = {};
  std::uint64_t sink_bytes = 0;  ///< how much the sink took

  bool is_success() const { return status >= 200 && status < 300; }
  /// Whether a later attempt may succeed (https://cloud.google.com/storage/docs/retry-strategy).
  bool is_transient() const
  {
    return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
  }
  /// Takes one line of a reply's head. A status line begins the head anew: a reply of status 100
  /// may have come before. A line that is neither a status nor a header is passed over.
  void take_head_line(std::string_view line);
  /// The header's value, or "". `name` must be in lower case.
  std::string_view header(std::string_view name) const;
};

struct HttpRequest {
  std::string method;  ///< "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"
  std::string url;
  std::vector<std::string> headers = {};  ///< "Name: value"
  ByteView body = {};                     ///< sent first; must outlive the call
  ByteSource* source = nullptr;           ///< sent next: `source_size` bytes, read on demand
  std::uint64_t source_size = 0;
  ByteView body_end = {};  ///< sent last: the closing boundary of a multipart body

  /// Takes the body of a 2xx reply piece by piece. The body of any other reply is kept in the
  /// reply.
  const ByteSink* sink = nullptr;
  /// Is shown the head of a 2xx reply before the sink gets its first byte, and says whether a body
  /// with `Content-Encoding: gzip` is the content itself. Any other is expanded, whoever has
  /// compressed it on its way.
  const std::function<bool(const HttpResponse& head)>* keeps_gzip = nullptr;
  /// The longest 2xx body that is kept: a longer one is corrupt. Bodies of other replies are cut at
  /// 1 MiB.
  std::uint64_t body_limit = std::uint64_t{16} * 1024 * 1024;

  /// perform() sets this in any case.
  HttpSent* sent = nullptr;

  /// Zero: the client's timeout.
  std::chrono::milliseconds connect_timeout{0};
  /// For a whole small exchange. Zero: no limit as long as bytes move.
  std::chrono::milliseconds timeout{0};
  /// Do not use a proxy.
  bool direct = false;
};

struct HttpOptions {
  std::string ca_bundle = {};  ///< a PEM file to trust instead of the system's certificates
  std::chrono::milliseconds connect_timeout{30'000};
  std::chrono::milliseconds stall_timeout{
      60'000};  ///< a request ends if no byte moves for this long
  /// Delays the bytes of bodies and counts those of headers. Null: no limit. A request with a
  /// timeout for the whole exchange, such as one for a token, is counted but not delayed.
  std::shared_ptr<Bandwidth> bandwidth = nullptr;
};

/// "https://storage.googleapis.com:8443/b/x?y#z" -> "storage.googleapis.com:8443". An error tells
/// only this of an address, because the path and the query can hold secrets.
std::string host_of(std::string_view url);

/// `text` with the letters A to Z in lower case.
std::string lower_case(std::string_view text);

}  // namespace ib
