// SPDX-License-Identifier: Apache-2.0
//
// A request and its reply, as values.
#pragma once

#include "base/byte_source.hpp"
#include "base/result.hpp"
#include "net/bandwidth.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// How much of a request went out. A request that failed when it was `whole` may have had its
/// effect: it is the reply that was lost.
enum class HttpSent : std::uint8_t { nothing, part, whole };

struct HttpRequest {
  std::string method;  ///< "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"
  std::string url;
  std::vector<std::string> headers = {};  ///< "Name: value"
  ByteView body = {};                     ///< sent first; must outlive the call
  ByteSource* source = nullptr;           ///< then `source_size` bytes of this, as they are needed
  std::uint64_t source_size = 0;
  ByteView body_end = {};  ///< sent last: a multipart's closing boundary

  /// Takes the body of a 2xx reply as it comes. Any other body is kept in the reply.
  const ByteSink* sink = nullptr;
  /// The longest 2xx body that is kept; a longer one is corrupt. Bodies of other replies are cut at
  /// 1 MiB.
  std::uint64_t body_limit = std::uint64_t{16} * 1024 * 1024;

  /// Set by perform(), whatever its outcome.
  HttpSent* sent = nullptr;

  /// Zero: the client's own.
  std::chrono::milliseconds connect_timeout{0};
  /// For the whole of a small exchange. Zero: no limit, as long as bytes move.
  std::chrono::milliseconds timeout{0};
  /// Past any proxy.
  bool direct = false;
};

struct HttpResponse {
  long status = 0;
  /// Names in lower case; the values of a repeated one are joined by ", ".
  std::map<std::string, std::string, std::less<>> headers = {};
  std::string body = {};
  std::uint64_t sink_bytes = 0;  ///< how much the sink took

  bool is_success() const { return status >= 200 && status < 300; }
  /// Worth another try later (https://cloud.google.com/storage/docs/retry-strategy).
  bool is_transient() const
  {
    return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
  }
  /// The header's value, or "". `name` in lower case.
  std::string_view header(std::string_view name) const;
};

struct HttpOptions {
  std::string ca_bundle = {};  ///< a PEM file to trust in place of the system's certificates
  std::chrono::milliseconds connect_timeout{30'000};
  std::chrono::milliseconds stall_timeout{
      60'000};  ///< no byte either way for so long ends a request
  /// Holds back the bytes of bodies, and counts those of headers; null: no limit. A request with a
  /// timeout for the whole of it, such as one for a token, is counted and not held back.
  std::shared_ptr<Bandwidth> bandwidth = nullptr;
};

/// "https://storage.googleapis.com:8443/b/x?y#z" -> "storage.googleapis.com:8443": what an error
/// may tell of an address, whose path and query can hold secrets.
std::string host_of(std::string_view url);

/// Without blanks and line ends at either end.
std::string_view trimmed(std::string_view text);

}  // namespace ib
