// SPDX-License-Identifier: Apache-2.0
#include "net/http_exchange.hpp"

#include "base/text.hpp"
#include "base/time.hpp"

#include <sys/socket.h>
#include <algorithm>
#include <cstring>
#include <utility>

namespace ib {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kUsualWindow = std::size_t{64} * 1024;  // Linux's initial window
constexpr long kLimitedLifetime = 120;                        // seconds
constexpr std::size_t kMaxErrorBody = std::size_t{1024} * 1024;

}  // namespace

void HttpExchange::connect_to(const EasyHandle& easy)
{
  set_option(easy, CURLOPT_ERRORBUFFER, reason_.data());
  set_option(easy, CURLOPT_PREREQFUNCTION, &HttpExchange::on_start);
  set_option(easy, CURLOPT_PREREQDATA, this);
  if (bandwidth_ != nullptr) {
    set_option(easy, CURLOPT_SOCKOPTFUNCTION, &HttpExchange::on_socket);
    set_option(easy, CURLOPT_SOCKOPTDATA, this);
    set_option(easy, CURLOPT_MAXLIFETIME_CONN,
               kLimitedLifetime);  // a new connection may get another rate
  }
  set_option(easy, CURLOPT_READFUNCTION, &HttpExchange::on_read);
  set_option(easy, CURLOPT_READDATA, this);
  set_option(easy, CURLOPT_WRITEFUNCTION, &HttpExchange::on_write);
  set_option(easy, CURLOPT_WRITEDATA, this);
  set_option(easy, CURLOPT_HEADERFUNCTION, &HttpExchange::on_header);
  set_option(easy, CURLOPT_HEADERDATA, this);
  set_option(easy, CURLOPT_NOPROGRESS, 0L);
  set_option(easy, CURLOPT_XFERINFOFUNCTION, &HttpExchange::on_progress);
  set_option(easy, CURLOPT_XFERINFODATA, this);
}

int HttpExchange::on_start(void* self, char*, char*, int, int)
{
  // If a kept connection is dead, curl sends the request again by itself. Then nobody knows whether
  // the first request had its effect, so the caller must learn of it.
  return ++static_cast<HttpExchange*>(self)->starts_ == 1 ? CURL_PREREQFUNC_OK
                                                          : CURL_PREREQFUNC_ABORT;
}

/// Keeps the server from sending far ahead of the reader. This works only before the connection
/// exists.
int HttpExchange::on_socket(void* self, curl_socket_t socket, curlsocktype /*purpose*/)
{
  const auto& exchange = *static_cast<HttpExchange*>(self);
  const std::size_t window = exchange.bandwidth_->receive_window(exchange.under_way_);
  if (window >= kUsualWindow) return CURL_SOCKOPT_OK;
  const auto size = static_cast<int>(window);
  // Best effort: if it fails, the kernel only accepts more.
  static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
  return CURL_SOCKOPT_OK;
}

Result<std::size_t> HttpExchange::fill(std::span<std::byte> buffer)
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

/// How many of `wanted` bytes of a body may move now. Waits until some may.
Result<std::size_t> HttpExchange::may_move(std::size_t wanted)
{
  if (bandwidth_ == nullptr) return wanted;
  if (request_.timeout.count() == 0) return bandwidth_->acquire(wanted, stop_);
  bandwidth_->count(static_cast<std::int64_t>(wanted));
  return wanted;
}

void HttpExchange::count(std::size_t bytes) const
{
  if (bandwidth_ != nullptr) bandwidth_->count(static_cast<std::int64_t>(bytes));
}

Result<std::size_t> HttpExchange::fill_as_allowed(std::span<std::byte> buffer)
{
  const auto wanted = static_cast<std::size_t>(
      std::min<std::uint64_t>(buffer.size(), body_size() - std::min(body_size(), position_)));
  return fill(buffer.first(TRY(may_move(wanted))));
}

Result<> HttpExchange::take_body_as_allowed(ByteView bytes)
{
  while (!bytes.empty()) {
    const std::size_t n = TRY(may_move(bytes.size()));
    TRY(take_body(bytes.first(n)));
    bytes = bytes.subspan(n);
  }
  return {};
}

std::size_t HttpExchange::on_read(char* buffer, std::size_t size, std::size_t count, void* self)
{
  auto& exchange = *static_cast<HttpExchange*>(self);
  if (exchange.stop_.stop_requested()) return CURL_READFUNC_ABORT;
  const Result<std::size_t> filled =
      exchange.fill_as_allowed(std::as_writable_bytes(std::span(buffer, size * count)));
  // A source such as pg_dump may take its time. That is not a stall of the network.
  exchange.be_active();
  if (filled) return *filled;
  exchange.failure_ = filled.error();
  return CURL_READFUNC_ABORT;
}

/// Proxies compress what nobody asked them to compress.
void HttpExchange::begin_body()
{
  body_has_begun_ = true;
  const bool asks = response_.is_success() && request_.sink != nullptr;
  const bool keeps = asks && request_.keeps_gzip != nullptr && (*request_.keeps_gzip)(response_);
  const std::string encoding = lower_case(response_.header("content-encoding"));
  if (keeps || (encoding != "gzip" && encoding != "x-gzip")) return;
  expander_.emplace([this](ByteView plain) {
    Result<> taken = take_plain(plain);
    taking_failed_ = !taken;
    return taken;
  });
}

Result<> HttpExchange::take_body(ByteView bytes)
{
  if (!body_has_begun_) begin_body();
  if (!expander_) return take_plain(bytes);
  Result<> expanded = expander_->write(bytes);
  if (expanded || taking_failed_) return expanded;
  return fail(Errc::unavailable,
              host_of(request_.url) + ": the reply is not the gzip that it says it is");
}

Result<> HttpExchange::take_plain(ByteView bytes)
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

std::size_t HttpExchange::on_write(char* data, std::size_t size, std::size_t count, void* self)
{
  auto& exchange = *static_cast<HttpExchange*>(self);
  const Result<> taken =
      exchange.take_body_as_allowed(std::as_bytes(std::span(data, size * count)));
  exchange.be_active();
  if (taken) return size * count;
  exchange.failure_ = taken.error();
  return CURL_WRITEFUNC_ERROR;
}

std::size_t HttpExchange::on_header(char* data, std::size_t size, std::size_t count, void* self)
{
  auto& exchange = *static_cast<HttpExchange*>(self);
  exchange.response_.take_head_line({data, size * count});
  exchange.count(size * count);
  exchange.be_active();
  return size * count;
}

int HttpExchange::on_progress(void* self, curl_off_t, curl_off_t received, curl_off_t,
                              curl_off_t sent)
{
  auto& exchange = *static_cast<HttpExchange*>(self);
  if (exchange.stop_.stop_requested()) return 1;
  const Clock::time_point now = Clock::now();
  if (exchange.moved_ != received + sent) {
    exchange.moved_ = received + sent;
    exchange.last_activity_ = now;
  }
  exchange.stalled_ = now - exchange.last_activity_ >= exchange.stall_timeout_;
  return exchange.stalled_ ? 1 : 0;
}

HttpSent HttpExchange::sent(const EasyHandle& easy, CURLcode code) const
{
  long header_bytes = 0;
  curl_off_t body_bytes = 0;
  static_cast<void>(curl_easy_getinfo(easy.get(), CURLINFO_REQUEST_SIZE, &header_bytes));
  static_cast<void>(curl_easy_getinfo(easy.get(), CURLINFO_SIZE_UPLOAD_T, &body_bytes));
  // By now curl has forgotten how much it sent. A server that received the whole request may have
  // acted on it.
  if (would_repeat(code)) return HttpSent::whole;
  if (starts_ == 0 || header_bytes == 0) return HttpSent::nothing;
  return std::cmp_greater_equal(body_bytes, body_size()) ? HttpSent::whole : HttpSent::part;
}

Error HttpExchange::error(const EasyHandle& easy, CURLcode code) const
{
  const std::string host = host_of(request_.url);
  if (std::optional<Error> error = connection_error(easy, code, host, reason_.data()))
    return *error;
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return {.code = Errc::invalid, .message = host + ": not an address"};
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {.code = Errc::unavailable, .message = host + ": the reply is not HTTP"};
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

Result<HttpResponse> HttpExchange::outcome(const EasyHandle& easy, CURLcode code)
{
  if (request_.sent != nullptr) *request_.sent = sent(easy, code);
  long header_bytes = 0;
  static_cast<void>(curl_easy_getinfo(easy.get(), CURLINFO_REQUEST_SIZE, &header_bytes));
  count(static_cast<std::size_t>(header_bytes));
  if (code == CURLE_OK && expander_ && !expander_->finish())
    return fail(Errc::unavailable, host_of(request_.url) + ": the reply's gzip is cut");
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
  return std::unexpected(error(easy, code));
}

}  // namespace ib
