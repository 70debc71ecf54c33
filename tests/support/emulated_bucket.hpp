// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emulator/gcs_emulator.hpp"
#include "repository/documents.hpp"
#include "repository/store_marker.hpp"
#include "store/gcs/bucket_inspector.hpp"
#include "store/gcs/credentials.hpp"
#include "store/gcs/gcs_store.hpp"
#include "store/open_store.hpp"
#include "store/retrier.hpp"
#include "store/retrying_store.hpp"
#include "sys/system.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace ib::test {

/// Does not wait. Each wait moves its clock forward instead.
class InstantBackoff final : public Backoff {
public:
  std::chrono::steady_clock::time_point now() override
  {
    return std::chrono::steady_clock::time_point(std::chrono::milliseconds(waited_ms_.load()));
  }
  double chance() override { return 0.5; }
  Result<> wait(std::chrono::milliseconds delay, const std::stop_token& stop) override
  {
    if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    waited_ms_ += delay.count();
    ++waits_;
    return {};
  }
  std::chrono::milliseconds waited() const { return std::chrono::milliseconds(waited_ms_.load()); }
  unsigned waits() const { return waits_; }

private:
  std::atomic<std::int64_t> waited_ms_ = 0;
  std::atomic<unsigned> waits_ = 0;
};

/// Always presents the same token.
class FixedToken final : public Credentials {
public:
  explicit FixedToken(std::string token) : token_(std::move(token)) {}
  Result<std::string> authorization(const std::stop_token& /*stop*/) override
  {
    return "Bearer " + token_;
  }
  void reject(const std::string& /*authorization*/) override {}
  std::string describe() const override { return "a test's token"; }

private:
  std::string token_;
};

/// The least that a backup needs, for the token `backup`, and a restore, for `reader`.
inline constexpr const char* kLeastPrivilege = R"([{
  "token": "backup",
  "permissions": ["storage.objects.create", "storage.objects.list", "storage.buckets.get"],
  "conditions": {"storage.objects.get": ["manifest", "runs/"]}
}, {
  "token": "reader",
  "permissions": ["storage.objects.list", "storage.objects.get"]
}])";

/// An emulator with one bucket, and stores on it.
class EmulatedBucket {
public:
  explicit EmulatedBucket(EmulatorOptions options = {}) : emulator_(start(std::move(options))) {}

  GcsEmulator& emulator() { return *emulator_; }

  /// Opens a store that retries without waiting. An empty `token` means no credential. A null
  /// `bandwidth` means no limit.
  OpenStore open(const std::string& prefix = "", const std::string& token = "",
                 std::shared_ptr<Bandwidth> bandwidth = nullptr, const StorageClasses& classes = {})
  {
    auto retrier = std::make_shared<Retrier>(RetryPolicy{}, backoff_);
    std::unique_ptr<Credentials> credentials = Credentials::anonymous();
    if (!token.empty()) credentials = std::make_unique<FixedToken>(token);
    auto http = std::make_unique<HttpClient>(HttpOptions{
        .stall_timeout = std::chrono::milliseconds(5000), .bandwidth = std::move(bandwidth)});
    auto client = std::make_shared<GcsClient>(BucketAddress{.bucket = "photos", .prefix = prefix},
                                              emulator_->url(), std::move(http),
                                              std::move(credentials), billing_project);
    return {.store = make_retrying_store(make_gcs_store(client, classes, retrier), retrier),
            .inspector = make_bucket_inspector(client, retrier),
            .usage_meter = client->usage_meter()};
  }

  /// Makes it a store, with a marker that came without a request.
  void begin(const std::string& prefix = "")
  {
    const StoreMarker marker = new_marker("", {}, wall_clock_now());
    emulator_->put("photos", prefix + std::string(kStoreMarker), serialize(marker), "STANDARD",
                   {{"store-marker", serialize_on_one_line(marker)}});
  }

  InstantBackoff& backoff() { return *backoff_; }

  std::string billing_project;  ///< pays for what stores do that are opened from now on

private:
  static std::unique_ptr<GcsEmulator> start(EmulatorOptions options)
  {
    if (options.buckets.empty() && options.bucket_config.empty()) options.buckets = {"photos"};
    return GcsEmulator::start(std::move(options));
  }

  std::unique_ptr<GcsEmulator> emulator_;
  std::shared_ptr<InstantBackoff> backoff_ = std::make_shared<InstantBackoff>();
};

}  // namespace ib::test
