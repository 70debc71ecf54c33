// SPDX-License-Identifier: Apache-2.0
#include "net/http.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "base/version.hpp"

#include <curl/curl.h>
#include <sys/socket.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

namespace ib {
namespace {

using Clock = std::chrono::steady_clock;

constexpr long kReceiveBuffer = 512L * 1024;  // curl's largest
// What is copied here is sent from here before it is written over: at most this, which fits the
// cache of a core.
constexpr std::uint64_t kSendBuffer = std::uint64_t{144} * 1024;
constexpr std::uint64_t kLeastSendBuffer = std::uint64_t{16} * 1024;  // curl's
constexpr std::size_t kUsualWindow = std::size_t{64} * 1024;          // what Linux begins with
constexpr long kLimitedLifetime = 120;                                // seconds
constexpr std::size_t kMaxErrorBody = std::size_t{1024} * 1024;

struct EasyCleanup {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyCleanup>;

struct ListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListCleanup>;

template <class T>
void set(const Easy& easy, CURLoption option, T value)
{
  // Options are ours, not the world's: a refusal is a bug, not an Error.
  IB_ASSERT(curl_easy_setopt(easy.get(), option, value) == CURLE_OK);
}

std::string lower_case(std::string_view text)
{
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

bool has_control_character(std::string_view text)
{
  return std::ranges::any_of(
      text, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
}

/// One request under way, and what curl's callbacks learn about it.
class Exchange {
public:
  /// `under_way`: how many exchanges there are, this one among them.
  Exchange(const HttpRequest& request, const std::stop_token& stop, const HttpOptions& options,
           std::size_t under_way)
      : request_(request),
        stop_(stop),
        stall_timeout_(options.stall_timeout),
        bandwidth_(options.bandwidth.get()),
        under_way_(under_way),
        last_activity_(Clock::now())
  {}

  void connect_to(const Easy& easy);
  std::uint64_t body_size() const
  {
    return request_.body.size() + request_.source_size + request_.body_end.size();
  }
  /// The reply or the error, once curl_easy_perform has returned `code`.
  Result<HttpResponse> outcome(const Easy& easy, CURLcode code);

private:
  static int on_start(void* self, char*, char*, int, int);
  static int on_socket(void* self, curl_socket_t socket, curlsocktype purpose);
  static std::size_t on_read(char* buffer, std::size_t size, std::size_t count, void* self);
  static std::size_t on_write(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent);

  Result<std::size_t> fill(std::span<std::byte> buffer);
  Result<std::size_t> fill_as_allowed(std::span<std::byte> buffer);
  Result<> take_body(ByteView bytes);
  Result<> take_body_as_allowed(ByteView bytes);
  Result<std::size_t> may_move(std::size_t wanted);
  void count(std::size_t bytes) const;
  void take_header(std::string_view line);
  void be_active() { last_activity_ = Clock::now(); }
  HttpSent sent(const Easy& easy, CURLcode code) const;
  /// Whether a kept connection broke before the reply, and curl would have sent the request again.
  bool would_repeat(CURLcode code) const { return starts_ > 1 || code == CURLE_SEND_FAIL_REWIND; }
  Error error(CURLcode code) const;

  const HttpRequest& request_;
  const std::stop_token& stop_;
  std::chrono::milliseconds stall_timeout_;
  Bandwidth* bandwidth_;
  std::size_t under_way_;
  Clock::time_point last_activity_;
  curl_off_t moved_ = 0;
  unsigned starts_ = 0;
  bool stalled_ = false;
  std::uint64_t position_ = 0;  // in the request's body
  std::optional<Error> failure_;
  HttpResponse response_;
  std::array<char, CURL_ERROR_SIZE> reason_{};
};

void Exchange::connect_to(const Easy& easy)
{
  set(easy, CURLOPT_ERRORBUFFER, reason_.data());
  set(easy, CURLOPT_PREREQFUNCTION, &Exchange::on_start);
  set(easy, CURLOPT_PREREQDATA, this);
  if (bandwidth_ != nullptr) {
    set(easy, CURLOPT_SOCKOPTFUNCTION, &Exchange::on_socket);
    set(easy, CURLOPT_SOCKOPTDATA, this);
    set(easy, CURLOPT_MAXLIFETIME_CONN, kLimitedLifetime);  // the next may be made for another rate
  }
  set(easy, CURLOPT_READFUNCTION, &Exchange::on_read);
  set(easy, CURLOPT_READDATA, this);
  set(easy, CURLOPT_WRITEFUNCTION, &Exchange::on_write);
  set(easy, CURLOPT_WRITEDATA, this);
  set(easy, CURLOPT_HEADERFUNCTION, &Exchange::on_header);
  set(easy, CURLOPT_HEADERDATA, this);
  set(easy, CURLOPT_NOPROGRESS, 0L);
  set(easy, CURLOPT_XFERINFOFUNCTION, &Exchange::on_progress);
  set(easy, CURLOPT_XFERINFODATA, this);
}

int Exchange::on_start(void* self, char*, char*, int, int)
{
  // curl sends a request again by itself when a kept connection turns out to be dead. Whether the
  // first one had its effect is not known then, and the caller must hear of it.
  return ++static_cast<Exchange*>(self)->starts_ == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/// Holds the server back from sending much more than is read. It has to be said before the
/// connection is made.
int Exchange::on_socket(void* self, curl_socket_t socket, curlsocktype /*purpose*/)
{
  const auto& exchange = *static_cast<Exchange*>(self);
  const std::size_t window = exchange.bandwidth_->receive_window(exchange.under_way_);
  if (window >= kUsualWindow) return CURL_SOCKOPT_OK;
  const auto size = static_cast<int>(window);
  // Best effort: the kernel takes more otherwise.
  static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
  return CURL_SOCKOPT_OK;
}

Result<std::size_t> Exchange::fill(std::span<std::byte> buffer)
{
  std::size_t filled = 0;
  const auto copy_from = [&](ByteView part, std::uint64_t offset) {
    const std::size_t n =
        std::min(part.size() - static_cast<std::size_t>(offset), buffer.size() - filled);
    std::memcpy(buffer.data() + filled, part.data() + offset, n);
    filled += n;
    position_ += n;
  };
  const std::uint64_t source_begin = request_.body.size();
  const std::uint64_t source_end = source_begin + request_.source_size;
  if (position_ < source_begin) copy_from(request_.body, position_);
  while (filled < buffer.size() && position_ >= source_begin && position_ < source_end) {
    const std::span<std::byte> room = buffer.subspan(filled);
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), source_end - position_));
    const std::size_t n = TRY(request_.source->read(room.first(wanted)));
    if (n == 0) {
      return fail(Errc::corrupt, "the data ended after " + format_count(position_ - source_begin) +
                                     " of " + count_of(request_.source_size, "byte", "bytes"));
    }
    filled += n;
    position_ += n;
  }
  if (filled < buffer.size() && position_ >= source_end && position_ < body_size()) {
    copy_from(request_.body_end, position_ - source_end);
  }
  return filled;
}

/// How many of `wanted` bytes of a body may move now; waits until there are some.
Result<std::size_t> Exchange::may_move(std::size_t wanted)
{
  if (bandwidth_ == nullptr) return wanted;
  if (request_.timeout.count() == 0) return bandwidth_->acquire(wanted, stop_);
  bandwidth_->count(static_cast<std::int64_t>(wanted));
  return wanted;
}

void Exchange::count(std::size_t bytes) const
{
  if (bandwidth_ != nullptr) bandwidth_->count(static_cast<std::int64_t>(bytes));
}

Result<std::size_t> Exchange::fill_as_allowed(std::span<std::byte> buffer)
{
  const auto wanted = static_cast<std::size_t>(
      std::min<std::uint64_t>(buffer.size(), body_size() - std::min(body_size(), position_)));
  return fill(buffer.first(TRY(may_move(wanted))));
}

Result<> Exchange::take_body_as_allowed(ByteView bytes)
{
  while (!bytes.empty()) {
    const std::size_t n = TRY(may_move(bytes.size()));
    TRY(take_body(bytes.first(n)));
    bytes = bytes.subspan(n);
  }
  return {};
}

std::size_t Exchange::on_read(char* buffer, std::size_t size, std::size_t count, void* self)
{
  auto& exchange = *static_cast<Exchange*>(self);
  if (exchange.stop_.stop_requested()) return CURL_READFUNC_ABORT;
  const Result<std::size_t> filled =
      exchange.fill_as_allowed(std::as_writable_bytes(std::span(buffer, size * count)));
  // A source may take its time, as pg_dump does: that is not the network's stall.
  exchange.be_active();
  if (filled) return *filled;
  exchange.failure_ = filled.error();
  return CURL_READFUNC_ABORT;
}

Result<> Exchange::take_body(ByteView bytes)
{
  if (response_.is_success() && request_.sink != nullptr) {
    response_.sink_bytes += bytes.size();
    return (*request_.sink)(bytes);
  }
  if (response_.is_success() && response_.body.size() + bytes.size() > request_.body_limit) {
    return fail(Errc::corrupt, host_of(request_.url) + ": the reply is larger than " +
                                   format_bytes(request_.body_limit));
  }
  std::string_view text = text_of(bytes);
  if (!response_.is_success())
    text = text.substr(0, kMaxErrorBody - std::min(kMaxErrorBody, response_.body.size()));
  response_.body += text;
  return {};
}

std::size_t Exchange::on_write(char* data, std::size_t size, std::size_t count, void* self)
{
  auto& exchange = *static_cast<Exchange*>(self);
  const Result<> taken =
      exchange.take_body_as_allowed(std::as_bytes(std::span(data, size * count)));
  exchange.be_active();
  if (taken) return size * count;
  exchange.failure_ = taken.error();
  return CURL_WRITEFUNC_ERROR;
}

void Exchange::take_header(std::string_view line)
{
  if (line.starts_with(
          "HTTP/")) {  // each reply begins anew: one of status 100 may have come before
    response_.headers.clear();
    response_.status = 0;
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return;
    for (const char c : line.substr(space + 1, 3)) {
      if (c < '0' || c > '9') return;
      response_.status = response_.status * 10 + (c - '0');
    }
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view value = trimmed(line.substr(colon + 1));
  const auto [entry, is_new] =
      response_.headers.try_emplace(lower_case(line.substr(0, colon)), value);
  if (!is_new) entry->second += ", " + std::string(value);
}

std::size_t Exchange::on_header(char* data, std::size_t size, std::size_t count, void* self)
{
  auto& exchange = *static_cast<Exchange*>(self);
  exchange.take_header({data, size * count});
  exchange.count(size * count);
  exchange.be_active();
  return size * count;
}

int Exchange::on_progress(void* self, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent)
{
  auto& exchange = *static_cast<Exchange*>(self);
  if (exchange.stop_.stop_requested()) return 1;
  const Clock::time_point now = Clock::now();
  if (exchange.moved_ != received + sent) {
    exchange.moved_ = received + sent;
    exchange.last_activity_ = now;
  }
  exchange.stalled_ = now - exchange.last_activity_ >= exchange.stall_timeout_;
  return exchange.stalled_ ? 1 : 0;
}

HttpSent Exchange::sent(const Easy& easy, CURLcode code) const
{
  long header_bytes = 0;
  curl_off_t body_bytes = 0;
  static_cast<void>(curl_easy_getinfo(easy.get(), CURLINFO_REQUEST_SIZE, &header_bytes));
  static_cast<void>(curl_easy_getinfo(easy.get(), CURLINFO_SIZE_UPLOAD_T, &body_bytes));
  // curl has forgotten by now how much went out. A server that had the whole of it may have acted
  // on it.
  if (would_repeat(code)) return HttpSent::whole;
  if (starts_ == 0 || header_bytes == 0) return HttpSent::nothing;
  return std::cmp_greater_equal(body_bytes, body_size()) ? HttpSent::whole : HttpSent::part;
}

Error Exchange::error(CURLcode code) const
{
  const std::string host = host_of(request_.url);
  // curl's own words are asked for only where they are known to hold no more than a host or a
  // certificate.
  const std::string detail = printable(trimmed(reason_.data()));
  const std::string said = detail.empty() ? curl_easy_strerror(code) : detail;
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return {.code = Errc::denied,
              .message = host + ": the server's certificate does not verify: " + said,
              .hint =
                  "If a proxy of yours stands between, name the certificate of its authority by "
                  "--ca-bundle. If none does, somebody may be listening."};
    case CURLE_SSL_CACERT_BADFILE:
      return {
          .code = Errc::invalid,
          .message = host + ": the trusted certificates cannot be read: " + said,
          .hint =
              "Install the package ca-certificates, or name a readable PEM file by --ca-bundle."};
    case CURLE_URL_MALFORMAT:
      return {.code = Errc::invalid, .message = host + ": not an address"};
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {.code = Errc::unavailable, .message = host + ": the reply is not HTTP"};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
      return {.code = Errc::unavailable, .message = host + ": " + said};
    case CURLE_OPERATION_TIMEDOUT:
      return {.code = Errc::unavailable,
              .message = host + (starts_ == 0 ? ": no connection in time" : ": no reply in time")};
    case CURLE_GOT_NOTHING:
      return {.code = Errc::unavailable,
              .message = host + ": the connection was closed without a reply"};
    case CURLE_PARTIAL_FILE:
      return {.code = Errc::unavailable,
              .message = host + ": the connection was closed within a reply"};
    default:
      return {.code = Errc::unavailable, .message = host + ": " + curl_easy_strerror(code)};
  }
}

Result<HttpResponse> Exchange::outcome(const Easy& easy, CURLcode code)
{
  if (request_.sent != nullptr) *request_.sent = sent(easy, code);
  long header_bytes = 0;
  static_cast<void>(curl_easy_getinfo(easy.get(), CURLINFO_REQUEST_SIZE, &header_bytes));
  count(static_cast<std::size_t>(header_bytes));
  if (code == CURLE_OK) return std::move(response_);
  if (failure_) return std::unexpected(*std::move(failure_));
  const std::string host = host_of(request_.url);
  if (stalled_) {
    return fail(Errc::unavailable,
                host + ": nothing came or went for " + format_duration(stall_timeout_));
  }
  if (would_repeat(code)) {
    return fail(Errc::unavailable, host + ": the connection was closed without a reply");
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) return fail(Errc::cancelled, "interrupted");
  return std::unexpected(error(code));
}

long receive_buffer_size(const HttpOptions& options)
{
  if (options.bandwidth == nullptr) return kReceiveBuffer;
  return static_cast<long>(
      std::min(static_cast<std::size_t>(kReceiveBuffer), options.bandwidth->buffer_size()));
}

/// A body leaves in even pieces: one that is a little longer than the buffer is not sent as a large
/// piece and a tiny one, which would wake the receiver once more.
long send_buffer_size(std::uint64_t body_size)
{
  constexpr std::uint64_t kPage = 4096;
  const std::uint64_t pieces = (body_size + kSendBuffer - 1) / kSendBuffer;
  const std::uint64_t even = pieces == 0 ? 0 : (body_size + pieces - 1) / pieces;
  return static_cast<long>(
      std::clamp((even + kPage - 1) / kPage * kPage, kLeastSendBuffer, kSendBuffer));
}

/// Every option, since a kept handle is reset before it is used again: curl_easy_reset() keeps
/// connections.
void prepare(const Easy& easy, const HttpRequest& request, const HttpOptions& options,
             std::uint64_t body_size)
{
  const auto connect_timeout =
      request.connect_timeout.count() > 0 ? request.connect_timeout : options.connect_timeout;
  set(easy, CURLOPT_URL, request.url.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_USERAGENT, ("immich-backup/" + std::string(kVersion)).c_str());
  set(easy, CURLOPT_NOSIGNAL, 1L);  // signals are not for threads
  set(easy, CURLOPT_TCP_NODELAY, 1L);
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_timeout.count()));
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy, CURLOPT_UPLOAD_BUFFERSIZE, send_buffer_size(body_size));
  set(easy, CURLOPT_BUFFERSIZE, receive_buffer_size(options));
  if (request.direct) set(easy, CURLOPT_NOPROXY, "*");
  if (!options.ca_bundle.empty()) set(easy, CURLOPT_CAINFO, options.ca_bundle.c_str());

  if (request.method == "HEAD") set(easy, CURLOPT_NOBODY, 1L);
  const bool takes_body =
      request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (takes_body || body_size > 0) {
    set(easy, CURLOPT_UPLOAD, 1L);
    set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(body_size));
  }
  set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

Result<HeaderList> header_list(const HttpRequest& request)
{
  HeaderList list;
  const auto append = [&](const char* header) {
    curl_slist* longer = curl_slist_append(list.get(), header);
    IB_ASSERT(longer != nullptr);
    if (list == nullptr) list.reset(longer);  // otherwise it is the same list
  };
  for (const std::string& header : request.headers) {
    if (has_control_character(header)) {
      return fail(Errc::invalid, host_of(request.url) + ": the header " +
                                     printable(header.substr(0, header.find(':'))) +
                                     " holds a line break");
    }
    append(header.c_str());
  }
  append("Expect:");  // without this, curl asks and waits before it sends more than 1 MiB
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

void start_curl()
{
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  IB_ASSERT(started == CURLE_OK);
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const
{
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

std::string_view trimmed(std::string_view text)
{
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string host_of(std::string_view url)
{
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos)
    url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#\\"));
  if (const std::size_t user = url.rfind('@'); user != std::string_view::npos)
    url.remove_prefix(user + 1);
  return std::string(url);
}

/// The idle curl handles, each with the connections that it has kept. The last one used is the
/// first to be used again, since its connection is the least likely to have been closed.
struct HttpClient::Connections {
  std::mutex mutex;
  std::vector<Easy> idle;     // guarded by mutex
  std::size_t under_way = 0;  // guarded by mutex

  std::size_t begin()
  {
    const std::lock_guard lock(mutex);
    return ++under_way;
  }

  Easy take()
  {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        Easy easy = std::move(idle.back());
        idle.pop_back();
        return easy;
      }
    }
    Easy easy(curl_easy_init());
    IB_ASSERT(easy != nullptr);
    return easy;
  }

  void give_back(Easy easy)
  {
    curl_easy_reset(easy.get());  // it points into the call that ends
    const std::lock_guard lock(mutex);
    --under_way;
    idle.push_back(std::move(easy));
  }
};

HttpClient::HttpClient(HttpOptions options) : options_(std::move(options))
{
  start_curl();
  connections_ = std::make_unique<Connections>();
}

HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::perform(const HttpRequest& request, const std::stop_token& stop)
{
  if (request.sent != nullptr) *request.sent = HttpSent::nothing;
  TRY(check(request));
  const HeaderList headers = TRY(header_list(request));
  if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");

  Easy easy = connections_->take();
  Exchange exchange(request, stop, options_, connections_->begin());
  prepare(easy, request, options_, exchange.body_size());
  set(easy, CURLOPT_HTTPHEADER, headers.get());
  exchange.connect_to(easy);
  const CURLcode code = curl_easy_perform(easy.get());
  Result<HttpResponse> outcome = exchange.outcome(easy, code);
  // After a failure curl may hold on to buffers (of 7.88: where a name does not resolve) and refuse
  // options of the next call.
  if (code == CURLE_OK) connections_->give_back(std::move(easy));
  return outcome;
}

}  // namespace ib
