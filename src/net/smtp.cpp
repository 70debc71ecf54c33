// SPDX-License-Identifier: Apache-2.0
#include "net/smtp.hpp"

#include "base/text.hpp"
#include "net/curl.hpp"
#include "net/http_message.hpp"

#include <arpa/inet.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr int kRefusal = 400;  // statuses from here on
constexpr int kPermanent = 500;
constexpr int kGoAhead = 354;  // the reply to DATA
constexpr int kGoodbye = 221;

bool consists_of(std::string_view text, std::string_view more)
{
  return std::ranges::all_of(text,
                             [&](char c) { return kLetters.contains(c) || more.contains(c); });
}

/// "mail.example.org" of "mail.example.org:587", "[::1]" of "[::1]:25". Empty where there is none.
std::string_view name_of(std::string_view host)
{
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.find(']');
  const bool has_port = colon != host.npos && (bracket == host.npos || colon > bracket);
  const std::string_view port = has_port ? host.substr(colon + 1) : "25";
  const std::optional<std::uint32_t> number = parse_number<std::uint32_t>(port);
  if (!number || *number == 0 || *number > 65'535) return {};
  const std::string_view name = has_port ? host.substr(0, colon) : host;
  const bool version_6 = name.starts_with('[') && name.ends_with(']') && name.size() > 2;
  if (version_6) return consists_of(name.substr(1, name.size() - 2), ":.") ? name : "";
  return consists_of(name, "-._") ? name : "";
}

/// Names and numbers that lead nowhere else, whatever a name server says.
bool is_this_machine(std::string_view name)
{
  if (name == "localhost" || name == "[::1]") return true;
  in_addr address{};
  return name.starts_with("127.") && ::inet_pton(AF_INET, std::string(name).c_str(), &address) == 1;
}

/// One hand-over, and what the server has replied.
class Exchange {
public:
  Exchange(const MailServer& server, const Mail& mail, const std::stop_token& stop)
      : server_(server), mail_(mail), stop_(stop), host_(host_of(server.url))
  {}

  Result<> perform(const MailOptions& options);

private:
  static std::size_t on_read(char* buffer, std::size_t size, std::size_t count, void* self);
  static std::size_t on_reply(char* data, std::size_t size, std::size_t count, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  void prepare(const EasyHandle& easy, const MailOptions& options);
  Result<> outcome() const;
  Error error(const EasyHandle& easy, CURLcode code) const;
  Error refusal(CURLcode code) const;

  const MailServer& server_;
  const Mail& mail_;
  const std::stop_token& stop_;
  std::string host_;
  CurlList recipients_;
  std::size_t sent_ = 0;      // of the message
  std::vector<int> replies_;  // the statuses up to the goodbye, oldest first
  std::array<char, CURL_ERROR_SIZE> reason_{};
};

void Exchange::prepare(const EasyHandle& easy, const MailOptions& options)
{
  set_option(easy, CURLOPT_URL, server_.url.c_str());
  set_option(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set_option(easy, CURLOPT_NOSIGNAL, 1L);  // signals do not work with threads
  set_option(easy, CURLOPT_USE_SSL,
             static_cast<long>(server_.is_encrypted() ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  if (!options.ca_bundle.empty()) set_option(easy, CURLOPT_CAINFO, options.ca_bundle.c_str());
  // A proxy has a localhost of its own, and would be told what is not encrypted.
  if (!server_.is_encrypted()) set_option(easy, CURLOPT_NOPROXY, "*");
  if (!server_.user.empty()) {
    set_option(easy, CURLOPT_USERNAME, server_.user.c_str());
    set_option(easy, CURLOPT_PASSWORD, server_.password.c_str());
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.timeout);
  // For curl, the login is a part of connecting.
  set_option(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.timeout.count()));
  set_option(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  // So curl says goodbye within this call, where it can be stopped. By itself it waits two minutes
  // for the reply to that.
  set_option(easy, CURLOPT_FORBID_REUSE, 1L);
  set_option(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(seconds.count()));

  set_option(easy, CURLOPT_MAIL_FROM, mail_.from.c_str());
  for (const std::string& recipient : mail_.to) append(recipients_, recipient);
  set_option(easy, CURLOPT_MAIL_RCPT, recipients_.get());
  set_option(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
  set_option(easy, CURLOPT_UPLOAD, 1L);
  set_option(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail_.message.size()));

  set_option(easy, CURLOPT_ERRORBUFFER, reason_.data());
  set_option(easy, CURLOPT_READFUNCTION, &Exchange::on_read);
  set_option(easy, CURLOPT_READDATA, this);
  set_option(easy, CURLOPT_HEADERFUNCTION, &Exchange::on_reply);
  set_option(easy, CURLOPT_HEADERDATA, this);
  set_option(easy, CURLOPT_NOPROGRESS, 0L);
  set_option(easy, CURLOPT_XFERINFOFUNCTION, &Exchange::on_progress);
  set_option(easy, CURLOPT_XFERINFODATA, this);
}

std::size_t Exchange::on_read(char* buffer, std::size_t size, std::size_t count, void* self)
{
  auto& exchange = *static_cast<Exchange*>(self);
  const std::string& message = exchange.mail_.message;
  const std::size_t n = std::min(size * count, message.size() - exchange.sent_);
  std::memcpy(buffer, message.data() + exchange.sent_, n);
  exchange.sent_ += n;
  return n;
}

/// One line of a reply, such as "250-SIZE 1000000" or, as the last one, "250 OK".
std::size_t Exchange::on_reply(char* data, std::size_t size, std::size_t count, void* self)
{
  const std::string_view line(data, size * count);
  const bool is_last = line.size() < 4 || line[3] != '-';
  const std::optional<int> status = parse_number<int>(line.substr(0, 3));
  if (status && is_last && *status != kGoodbye)
    static_cast<Exchange*>(self)->replies_.push_back(*status);
  return line.size();
}

int Exchange::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
  return static_cast<Exchange*>(self)->stop_.stop_requested() ? 1 : 0;
}

Result<> Exchange::perform(const MailOptions& options)
{
  const EasyHandle easy = new_handle();
  prepare(easy, options);
  const CURLcode code = curl_easy_perform(easy.get());
  if (code == CURLE_OK) return outcome();
  return std::unexpected(error(easy, code));
}

/// The server has taken the message: whether for everybody.
Result<> Exchange::outcome() const
{
  // The replies about the recipients come right before the one to DATA.
  const auto go_ahead = std::ranges::find(replies_, kGoAhead);
  const auto before = static_cast<std::size_t>(go_ahead - replies_.begin());
  if (go_ahead == replies_.end() || before < mail_.to.size()) return {};
  const std::size_t first = before - mail_.to.size();
  std::string refused;
  for (std::size_t i = 0; i < mail_.to.size(); ++i) {
    const int status = replies_[first + i];
    if (status < kRefusal) continue;
    refused += (refused.empty() ? "" : ", ") + std::to_string(i + 1) + " (status " +
               std::to_string(status) + ")";
  }
  if (refused.empty()) return {};
  // Whoever tried again would send the others their mail once more.
  return fail(Errc::invalid, host_ + ": of " + std::to_string(mail_.to.size()) +
                                 " recipients, the server refused number " + refused);
}

Error Exchange::error(const EasyHandle& easy, CURLcode code) const
{
  if (code == CURLE_ABORTED_BY_CALLBACK) return {.code = Errc::cancelled, .message = "interrupted"};
  if (std::optional<Error> error = connection_error(easy, code, host_, reason_.data()))
    return *error;
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: {
      curl_off_t connected = 0;
      static_cast<void>(curl_easy_getinfo(easy.get(), CURLINFO_CONNECT_TIME_T, &connected));
      return {
          .code = Errc::unavailable,
          .message = host_ + (connected == 0 ? ": no connection in time" : ": no reply in time")};
    }
    case CURLE_USE_SSL_FAILED:
      return {.code = Errc::denied,
              .message = host_ + ": the server offers no TLS (STARTTLS), so nothing was sent"};
    case CURLE_LOGIN_DENIED:
      if (!replies_.empty() && replies_.back() >= kRefusal) return refusal(code);
      return {.code = Errc::denied,
              .message = host_ + ": the server offers no way of logging in that is known here"};
    default:
      break;
  }
  if (!replies_.empty() && replies_.back() >= kRefusal) return refusal(code);
  return {.code = Errc::unavailable, .message = host_ + ": " + curl_easy_strerror(code)};
}

Error Exchange::refusal(CURLcode code) const
{
  const int status = replies_.back();
  // curl's own texts: "MAIL failed: 550".
  const std::string_view reason = reason_.data();
  std::string what = "answered";
  if (code == CURLE_LOGIN_DENIED) what = "refused the login";
  if (reason.starts_with("MAIL ")) what = "refused the sender";
  if (reason.starts_with("RCPT "))
    what = mail_.to.size() == 1 ? "refused the recipient" : "refused every recipient";
  Errc kind = code == CURLE_LOGIN_DENIED ? Errc::denied : Errc::invalid;
  if (status < kPermanent) kind = Errc::unavailable;
  return {.code = kind,
          .message = host_ + ": the server " + what + " with status " + std::to_string(status)};
}

}  // namespace

std::optional<MailServer> MailServer::parse(std::string url)
{
  const bool tls = url.starts_with("smtps://");
  if (!tls && !url.starts_with("smtp://")) return std::nullopt;
  if (url.ends_with('/') && !url.ends_with("//")) url.pop_back();
  const std::string_view host = std::string_view(url).substr(url.find("//") + 2);
  const std::string_view name = name_of(host);
  if (name.empty()) return std::nullopt;
  const bool starttls = !tls && !is_this_machine(name);
  return MailServer{.url = std::move(url), .starttls = starttls};
}

bool is_mail_address(std::string_view text)
{
  constexpr std::size_t kLongest = 254;  // RFC 5321, 4.5.3.1.3
  const std::size_t at = text.find('@');
  if (at == text.npos || at == 0 || text.size() > kLongest) return false;
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  const auto has_gap = [](std::string_view part) {
    return part.empty() || part.starts_with('.') || part.ends_with('.') || part.contains("..");
  };
  return !has_gap(local) && !has_gap(domain) && consists_of(local, "!#$%&'*+-/=?^_`{|}~.") &&
         consists_of(domain, "-.");
}

Result<> send_mail(const MailServer& server, const Mail& mail, const MailOptions& options,
                   const std::stop_token& stop)
{
  const std::string host = printable(host_of(server.url));
  if (!MailServer::parse(server.url))
    return fail(Errc::invalid, host + ": not the address of a mail server");
  if (!server.user.empty() && !server.is_encrypted())
    return fail(Errc::invalid, host + ": a password needs TLS");
  if (mail.to.empty() || !is_mail_address(mail.from) ||
      !std::ranges::all_of(mail.to, is_mail_address))
    return fail(Errc::invalid, host + ": a sender or a recipient is no mail address");
  if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
  return Exchange(server, mail, stop).perform(options);
}

}  // namespace ib
