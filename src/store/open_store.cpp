// SPDX-License-Identifier: Apache-2.0
#include "store/open_store.hpp"

#include "store/dir/dir_store.hpp"
#include "store/gcs/gcs_store.hpp"
#include "store/limited_store.hpp"
#include "store/retrying_store.hpp"

#include <utility>

namespace ib {
namespace {

std::unique_ptr<ObjectStore> open_folder(const FolderAddress& folder, const StoreOptions& options)
{
  std::unique_ptr<ObjectStore> store = open_dir_store(folder.path);
  if (options.bandwidth == nullptr) return store;
  return make_limited_store(std::move(store), options.bandwidth);
}

/// STORAGE_EMULATOR_HOST comes with or without its scheme.
std::string emulator_endpoint(std::string host)
{
  while (host.ends_with('/')) host.pop_back();
  return host.contains("://") ? host : "http://" + host;
}

Result<std::unique_ptr<ObjectStore>> open_bucket(const BucketAddress& bucket,
                                                 const StoreOptions& options)
{
  GcsLocation location{.address = bucket};
  using std::chrono::seconds;
  HttpOptions http_options{.ca_bundle = options.ca_bundle, .bandwidth = options.bandwidth};
  if (!options.patient) {
    http_options.connect_timeout = seconds(10);
    http_options.stall_timeout = seconds(20);
  }
  auto http = std::make_unique<HttpClient>(http_options);
  std::unique_ptr<Credentials> credentials;
  if (options.emulator_host.empty()) {
    CredentialOptions wanted{.application_credentials = options.application_credentials,
                             .cloudsdk_config = options.cloudsdk_config,
                             .home = options.home,
                             .metadata_host = options.metadata_host};
    if (!options.credentials_json.empty()) wanted.json = options.credentials_json;
    credentials = TRY(Credentials::find(wanted, *http));
  } else {
    location.endpoint = emulator_endpoint(options.emulator_host);
    credentials = Credentials::anonymous();
  }
  const RetryPolicy policy = options.patient ? RetryPolicy{} : RetryPolicy{.total = seconds(2)};
  auto retrier = std::make_shared<Retrier>(policy, make_real_backoff());
  return make_retrying_store(make_gcs_store(std::move(location), options.classes, std::move(http),
                                            std::move(credentials), retrier),
                             retrier);
}

}  // namespace

Result<std::unique_ptr<ObjectStore>> open_store(const StoreAddress& address,
                                                const StoreOptions& options)
{
  if (const BucketAddress* bucket = address.bucket()) return open_bucket(*bucket, options);
  return open_folder(*address.folder(), options);
}

}  // namespace ib
