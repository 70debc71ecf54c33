// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/bucket_inspector.hpp"

#include "core/names/object_name.hpp"
#include "store/gcs/bucket_api.hpp"
#include "store/gcs/gcs_api.hpp"
#include "store/gcs/refusals.hpp"
#include "sys/system.hpp"

#include <utility>

namespace ib {
namespace {

class BucketInspector final : public StoreInspector {
public:
  BucketInspector(std::shared_ptr<GcsClient> client, std::shared_ptr<Retrier> retrier)
      : client_(std::move(client)), retrier_(std::move(retrier))
  {}

  Result<StoreDescription> describe(const std::stop_token& stop) override
  {
    return retrier_->run(stop, [&](int /*attempt*/) { return ask_description(stop); });
  }

  Result<StoreAccess> access(const std::stop_token& stop) override
  {
    return retrier_->run(stop, [&](int /*attempt*/) { return ask_access(stop); });
  }

  std::string credential() const override { return client_->describe_credentials(); }
  bool tells_time() const override { return client_->tells_time(); }

private:
  Result<StoreDescription> ask_description(const std::stop_token& stop)
  {
    Result<BucketDescription> bucket = ask_settings(stop);
    if (!bucket && bucket.error().code == Errc::denied) bucket = ask_location(stop);
    if (!bucket)
      return std::unexpected(explain_refused_listing(std::move(bucket).error(), *client_));
    bucket->bucket = client_->bucket().bucket;
    bucket->prefix = client_->bucket().prefix;
    return StoreDescription{.bucket = std::move(*bucket)};
  }

  Result<StoreAccess> ask_access(const std::stop_token& stop)
  {
    const HttpResponse response = TRY(ask("/iam/testPermissions?" + permissions_query(), stop));
    if (!response.is_success()) {
      Error error = error_from(response, client_->bucket().url() + ": asking for permissions");
      if (error.code == Errc::not_found)
        return std::unexpected(explain_refused_listing(std::move(error), *client_));
      return std::unexpected(std::move(error));
    }
    StoreAccess access = TRY(parse_permissions(response.body));
    // Google does not tell of grants with a condition on names.
    if (!access.read) access.read = TRY(may_read_a_photo(stop));
    return access;
  }

  /// By asking for one that is not there: who may not read it is refused, whether it is or not.
  Result<bool> may_read_a_photo(const std::stop_token& stop)
  {
    const std::string name = client_->bucket().prefix + std::string(kLibraryPrefix) +
                             "immich-backup-doctor-" + random_hex(8);
    const HttpResponse response = TRY(ask("/o/" + percent_encode(name) + "?alt=media", stop));
    if (response.is_transient())
      return std::unexpected(error_from(response, client_->bucket().url() + ": reading"));
    return response.is_success() || response.status == 404;
  }

  Result<BucketDescription> ask_settings(const std::stop_token& stop)
  {
    const HttpResponse response = TRY(ask("?fields=" + percent_encode(kBucketFields), stop));
    if (!response.is_success())
      return std::unexpected(error_from(response, client_->bucket().url() + ": its settings"));
    return parse_bucket(response.body);
  }

  /// Asks where the bucket is. Everybody who may list its objects may know this.
  Result<BucketDescription> ask_location(const std::stop_token& stop)
  {
    const HttpResponse response =
        TRY(ask("/storageLayout?prefix=" + percent_encode(client_->bucket().prefix), stop));
    BucketDescription bucket;
    if (response.is_success()) {
      bucket = TRY(parse_storage_layout(response.body));
    } else {
      const Error error = error_from(response, client_->bucket().url() + ": its location");
      if (error.code != Errc::denied) return std::unexpected(error);
    }
    bucket.missing_permission = "storage.buckets.get";
    return bucket;
  }

  Result<HttpResponse> ask(const std::string& question, const std::stop_token& stop)
  {
    return client_->send({.method = "GET", .url = client_->api(question)}, Billing::class_b, stop);
  }

  std::shared_ptr<GcsClient> client_;
  std::shared_ptr<Retrier> retrier_;
};

}  // namespace

std::unique_ptr<StoreInspector> make_bucket_inspector(std::shared_ptr<GcsClient> client,
                                                      std::shared_ptr<Retrier> retrier)
{
  return std::make_unique<BucketInspector>(std::move(client), std::move(retrier));
}

}  // namespace ib
