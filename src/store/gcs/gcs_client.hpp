// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http.hpp"
#include "store/gcs/credentials.hpp"
#include "store/store_address.hpp"
#include "store/usage_meter.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace ib {

/// How a successful request is billed.
enum class Billing : std::uint8_t { class_a, class_b, free };

inline constexpr std::string_view kGcsEndpoint = "https://storage.googleapis.com";

/// One bucket over HTTP. Signs requests, counts them, and keeps the server's time. Thread-safe.
class GcsClient {
public:
  /// `endpoint` is kGcsEndpoint or an emulator's address. `http` is the client that found
  /// `credentials`.
  /// `billing_project` pays for each request, where the bucket's owner does not; empty: nobody is
  /// named.
  GcsClient(BucketAddress bucket, std::string endpoint, std::unique_ptr<HttpClient> http,
            std::unique_ptr<Credentials> credentials, std::string billing_project = "")
      : bucket_(std::move(bucket)),
        endpoint_(std::move(endpoint)),
        http_(std::move(http)),
        credentials_(std::move(credentials)),
        billing_project_(std::move(billing_project))
  {}

  /// ".../storage/v1/b/BUCKET" + rest, which has its query already, and who pays
  std::string api(std::string_view rest) const;
  /// ".../upload/storage/v1/b/BUCKET/o?" + query, and who pays
  std::string upload(std::string_view query) const;

  /// Whether `url`, which a reply named, is the endpoint's or one of Google's, over TLS if that is:
  /// photos and a token may be sent there.
  bool is_own_address(std::string_view url) const;

  /// Sends the request once with the current token. After a 401, sends it once more with a new one.
  /// Returns a reply of any other status unchanged. Counts the request at `storage_class`, unless
  /// the reply names the object's class.
  Result<HttpResponse> send(HttpRequest request, Billing billing, const std::stop_token& stop,
                            StorageClass storage_class = StorageClass::standard);

  /// The server's time, reckoned from its last reply that carried a date. Absent before the first.
  std::optional<Timestamp> server_time() const;
  /// False if there were replies, and none carried a date.
  bool tells_time() const;
  /// Counts the bytes of a broken download. They are billed, but no reply tells of them.
  void count_retrieved(std::uint64_t bytes, StorageClass storage_class);
  /// The meter keeps counting while requests are sent.
  std::shared_ptr<const UsageMeter> usage_meter() const { return usage_meter_; }
  const BucketAddress& bucket() const { return bucket_; }
  std::string describe_credentials() const { return credentials_->describe(); }
  const std::string& billing_project() const { return billing_project_; }

private:
  /// `url` with the project that pays, if one is named.
  std::string paid(std::string url) const;
  void observe(const HttpResponse& response, Billing billing, StorageClass storage_class);

  BucketAddress bucket_;
  std::string endpoint_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<Credentials> credentials_;  // uses http_
  std::string billing_project_;
  std::shared_ptr<UsageMeter> usage_meter_ = std::make_shared<UsageMeter>();
  mutable std::mutex mutex_;
  bool has_replied_ = false;                             // guarded by mutex_
  std::optional<Timestamp> server_time_;                 // guarded by mutex_
  std::chrono::steady_clock::time_point observed_at_{};  // guarded by mutex_
};

}  // namespace ib
