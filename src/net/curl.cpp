// SPDX-License-Identifier: Apache-2.0
#include "net/curl.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "net/http_message.hpp"

#include <chrono>

namespace ib {
namespace {

constexpr long kNotYetValid = 9;  // OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID

/// OpenSSL's reason, 0 for none.
long refusal_of_certificate(const EasyHandle& easy)
{
  long reason = 0;
  static_cast<void>(curl_easy_getinfo(easy.get(), CURLINFO_SSL_VERIFYRESULT, &reason));
  return reason;
}

}  // namespace

EasyHandle new_handle()
{
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  IB_ASSERT(started == CURLE_OK);
  EasyHandle easy(curl_easy_init());
  IB_ASSERT(easy != nullptr);
  return easy;
}

void append(CurlList& list, const std::string& text)
{
  curl_slist* longer = curl_slist_append(list.get(), text.c_str());
  IB_ASSERT(longer != nullptr);
  if (list == nullptr) list.reset(longer);  // otherwise it is still the same list
}

std::optional<Error> connection_error(const EasyHandle& easy, CURLcode code,
                                      const std::string& host, const char* reason)
{
  // For these codes, curl's own text holds no more than a host or a certificate.
  const std::string detail = printable(trimmed(reason));
  const std::string said = detail.empty() ? curl_easy_strerror(code) : detail;
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      // A machine without a battery for its clock starts in a year long past, until the network has
      // told it the time.
      if (refusal_of_certificate(easy) == kNotYetValid)
        return Error{.code = Errc::unavailable,
                     .message = host +
                                ": the server's certificate is not valid yet, says this "
                                "machine's clock (" +
                                format_iso(std::chrono::floor<std::chrono::seconds>(
                                    std::chrono::system_clock::now())) +
                                ")",
                     .hint = "Set this machine's clock."};
      return Error{
          .code = Errc::denied,
          .message = host + ": the server's certificate does not verify: " + said,
          .hint =
              "If your own proxy intercepts the connection, name its authority's certificate with "
              "--ca-bundle. If there is no such proxy, somebody may be listening."};
    case CURLE_SSL_CACERT_BADFILE:
      return Error{
          .code = Errc::invalid,
          .message = host + ": the trusted certificates cannot be read: " + said,
          .hint =
              "Install the package ca-certificates, or name a readable PEM file with --ca-bundle."};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
      return Error{.code = Errc::unavailable, .message = host + ": " + said};
    default:
      return std::nullopt;
  }
}

}  // namespace ib
