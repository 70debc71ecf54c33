// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/gcs_client.hpp"

#include "store/gcs/gcs_api.hpp"

namespace ib {

std::string GcsClient::api(std::string_view rest) const
{
  return paid(endpoint_ + "/storage/v1/b/" + percent_encode(bucket_.bucket) + std::string(rest));
}

std::string GcsClient::upload(std::string_view query) const
{
  return paid(endpoint_ + "/upload/storage/v1/b/" + percent_encode(bucket_.bucket) + "/o?" +
              std::string(query));
}

std::string GcsClient::paid(std::string url) const
{
  if (billing_project_.empty()) return url;
  url += url.contains('?') ? "&userProject=" : "?userProject=";
  return url + percent_encode(billing_project_);
}

bool GcsClient::is_own_address(std::string_view url) const
{
  const auto scheme_of = [](std::string_view text) { return text.substr(0, text.find("://")); };
  const std::string host = host_of(url);
  if (scheme_of(url) == scheme_of(endpoint_) && host == host_of(endpoint_)) return true;
  return scheme_of(url) == "https" && host.ends_with(".googleapis.com");
}

Result<HttpResponse> GcsClient::send(HttpRequest request, Billing billing,
                                     const std::stop_token& stop, StorageClass storage_class)
{
  const std::vector<std::string> headers = std::move(request.headers);
  for (int attempt = 1;; ++attempt) {
    const std::string authorization = TRY(credentials_->authorization(stop));
    request.headers = headers;
    if (!authorization.empty()) request.headers.push_back("Authorization: " + authorization);
    HttpResponse response = TRY(http_->perform(request, stop));
    observe(response, billing, storage_class);
    if (response.status != 401 || authorization.empty() || attempt > 1) return response;
    credentials_->reject(authorization);
    if (request.source != nullptr) TRY(request.source->seek(0));
  }
}

void GcsClient::observe(const HttpResponse& response, Billing billing, StorageClass storage_class)
{
  // Google does not bill refusals, errors and 308
  // (https://cloud.google.com/storage/pricing#operations-notes).
  const bool billed = response.is_success() && billing != Billing::free;
  storage_class =
      parse_storage_class(response.header("x-goog-storage-class")).value_or(storage_class);
  Usage usage;
  Usage::OfClass& of_class = usage.of[storage_class];
  ++(!billed ? usage.free : billing == Billing::class_a ? of_class.class_a : of_class.class_b);
  if (response.is_success()) of_class.retrieved_bytes = response.sink_bytes;
  usage_meter_->add(usage);
  constexpr long kTooManyRequests = 429, kServiceUnavailable = 503;
  if (response.status == kTooManyRequests || response.status == kServiceUnavailable)
    usage_meter_->add_refusal();
  const std::scoped_lock guard(mutex_);
  has_replied_ = true;
  if (const std::optional<Timestamp> date = parse_http_date(response.header("date"))) {
    server_time_ = date;
    observed_at_ = std::chrono::steady_clock::now();
  }
}

std::optional<Timestamp> GcsClient::server_time() const
{
  const std::scoped_lock guard(mutex_);
  if (!server_time_) return std::nullopt;
  return *server_time_ +
         std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - observed_at_);
}

bool GcsClient::tells_time() const
{
  const std::scoped_lock guard(mutex_);
  return server_time_ || !has_replied_;
}

void GcsClient::count_retrieved(std::uint64_t bytes, StorageClass storage_class)
{
  Usage usage;
  usage.of[storage_class].retrieved_bytes = bytes;
  usage_meter_->add(usage);
}

}  // namespace ib
