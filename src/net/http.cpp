// SPDX-License-Identifier: Apache-2.0
#include "net/http.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "net/curl.hpp"
#include "net/http_exchange.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace ib {
namespace {

constexpr long kReceiveBuffer = 512L * 1024;  // curl's largest
// curl copies a body into this buffer and sends it from there. It fits the cache of a core.
constexpr std::uint64_t kSendBuffer = std::uint64_t{144} * 1024;
constexpr std::uint64_t kLeastSendBuffer = std::uint64_t{16} * 1024;  // curl's minimum

bool has_control_character(std::string_view text)
{
  // Plain char is signed on some processors.
  return std::ranges::any_of(text,
                             [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7F; });
}

long receive_buffer_size(const HttpOptions& options)
{
  if (options.bandwidth == nullptr) return kReceiveBuffer;
  return static_cast<long>(
      std::min(static_cast<std::size_t>(kReceiveBuffer), options.bandwidth->buffer_size()));
}

/// Sends a body in even pieces. Without this, a body slightly longer than the buffer would leave as
/// a large and a tiny piece, and the tiny one would wake up the receiver again.
long send_buffer_size(std::uint64_t body_size)
{
  constexpr std::uint64_t kPage = 4096;
  const std::uint64_t pieces = (body_size + kSendBuffer - 1) / kSendBuffer;
  const std::uint64_t even = pieces == 0 ? 0 : (body_size + pieces - 1) / pieces;
  return static_cast<long>(
      std::clamp((even + kPage - 1) / kPage * kPage, kLeastSendBuffer, kSendBuffer));
}

/// Sets every option: curl_easy_reset() clears the options of a kept handle, but keeps its
/// connections.
void prepare(const EasyHandle& easy, const HttpRequest& request, const HttpOptions& options,
             std::uint64_t body_size)
{
  const auto connect_timeout =
      request.connect_timeout.count() > 0 ? request.connect_timeout : options.connect_timeout;
  set_option(easy, CURLOPT_URL, request.url.c_str());
  set_option(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set_option(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set_option(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set_option(easy, CURLOPT_USERAGENT, ("immich-backup/" + std::string(kVersion)).c_str());
  set_option(easy, CURLOPT_NOSIGNAL, 1L);  // signals do not work with threads
  set_option(easy, CURLOPT_TCP_NODELAY, 1L);
  set_option(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set_option(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_timeout.count()));
  set_option(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  set_option(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set_option(easy, CURLOPT_UPLOAD_BUFFERSIZE, send_buffer_size(body_size));
  set_option(easy, CURLOPT_BUFFERSIZE, receive_buffer_size(options));
  if (request.direct) set_option(easy, CURLOPT_NOPROXY, "*");
  if (!options.ca_bundle.empty()) set_option(easy, CURLOPT_CAINFO, options.ca_bundle.c_str());

  if (request.method == "HEAD") set_option(easy, CURLOPT_NOBODY, 1L);
  const bool takes_body =
      request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (takes_body || body_size > 0) {
    set_option(easy, CURLOPT_UPLOAD, 1L);
    set_option(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(body_size));
  }
  set_option(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

Result<CurlList> header_list(const HttpRequest& request)
{
  CurlList list;
  for (const std::string& header : request.headers) {
    if (has_control_character(header)) {
      return fail(Errc::invalid, host_of(request.url) + ": the header " +
                                     printable(header.substr(0, header.find(':'))) +
                                     " holds a line break");
    }
    append(list, header);
  }
  // Otherwise curl asks the server and waits before it sends more than 1 MiB.
  append(list, "Expect:");
  return list;
}

Result<> check(const HttpRequest& request)
{
  IB_ASSERT(request.source != nullptr || request.source_size == 0);
  const std::string_view url = request.url;
  if (has_control_character(url) || !(url.starts_with("http://") || url.starts_with("https://"))) {
    return fail(Errc::invalid, printable(host_of(url)) + ": not an http or https address");
  }
  return {};
}

}  // namespace

/// The idle curl handles with their open connections. The most recently used handle is used first,
/// because the server has most likely not closed its connection.
struct HttpClient::Connections {
  std::mutex mutex;
  std::vector<EasyHandle> idle;  // guarded by mutex
  std::size_t under_way = 0;     // guarded by mutex

  std::size_t begin()
  {
    const std::lock_guard lock(mutex);
    return ++under_way;
  }

  EasyHandle take()
  {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        EasyHandle easy = std::move(idle.back());
        idle.pop_back();
        return easy;
      }
    }
    return new_handle();
  }

  void give_back(EasyHandle easy)
  {
    curl_easy_reset(easy.get());  // its options point into the call that ends here
    const std::lock_guard lock(mutex);
    --under_way;
    idle.push_back(std::move(easy));
  }
};

HttpClient::HttpClient(HttpOptions options)
    : options_(std::move(options)), connections_(std::make_unique<Connections>())
{}

HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::perform(const HttpRequest& request, const std::stop_token& stop)
{
  if (request.sent != nullptr) *request.sent = HttpSent::nothing;
  TRY(check(request));
  const CurlList headers = TRY(header_list(request));
  if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");

  EasyHandle easy = connections_->take();
  HttpExchange exchange(request, stop, options_, connections_->begin());
  prepare(easy, request, options_, exchange.body_size());
  set_option(easy, CURLOPT_HTTPHEADER, headers.get());
  exchange.connect_to(easy);
  const CURLcode code = curl_easy_perform(easy.get());
  Result<HttpResponse> outcome = exchange.outcome(easy, code);
  // After a failure, curl 7.88 may keep buffers and refuse options of the next call, for example if
  // a name does not resolve. So such a handle is not used again.
  if (code == CURLE_OK) connections_->give_back(std::move(easy));
  return outcome;
}

}  // namespace ib
