// SPDX-License-Identifier: Apache-2.0
#include "store/open_store.hpp"

#include "store/dir/dir_store.hpp"
#include "store/dir/folder_inspector.hpp"
#include "store/gcs/bucket_inspector.hpp"
#include "store/gcs/gcs_store.hpp"
#include "store/limited_store.hpp"
#include "store/retrying_store.hpp"
#include "sys/file.hpp"

#include <chrono>
#include <utility>

namespace ib {
namespace {

OpenStore open_folder(const FolderAddress& folder, const StoreOptions& options)
{
  OpenStore open{.store = open_dir_store(folder.path, options.group_readable),
                 .inspector = make_folder_inspector(folder.path),
                 .usage_meter = std::make_shared<const UsageMeter>()};
  if (options.bandwidth != nullptr)
    open.store = make_limited_store(std::move(open.store), options.bandwidth);
  return open;
}

/// STORAGE_EMULATOR_HOST may come without its scheme.
std::string emulator_endpoint(std::string host)
{
  while (host.ends_with('/')) host.pop_back();
  return host.contains("://") ? host : "http://" + host;
}

/// As Google's own clients tell it.
bool is_googles_machine()
{
  const Result<std::string> name = read_file("/sys/class/dmi/id/product_name", 4096);
  return name && (name->starts_with("Google Compute Engine") || name->starts_with("Google\n"));
}

Result<OpenStore> open_bucket(const BucketAddress& bucket, const StoreOptions& options)
{
  using std::chrono::seconds;
  HttpOptions http_options{.ca_bundle = options.ca_bundle, .bandwidth = options.bandwidth};
  if (!options.patient) {
    http_options.connect_timeout = seconds(10);
    http_options.stall_timeout = seconds(20);
  }
  auto http = std::make_unique<HttpClient>(http_options);
  std::unique_ptr<Credentials> credentials;
  std::string endpoint(kGcsEndpoint);
  if (options.emulator_host.empty()) {
    CredentialOptions wanted{.application_credentials = options.application_credentials,
                             .cloudsdk_config = options.cloudsdk_config,
                             .home = options.home,
                             .metadata_host = options.metadata_host,
                             .stop = options.hurry};
    // There is a metadata server, then. One that is silent is a store out of reach.
    if (options.patient && (!options.metadata_host.empty() || is_googles_machine()))
      wanted.metadata_patience = std::chrono::ceil<seconds>(RetryPolicy{}.total);
    if (!options.credentials_json.empty()) wanted.json = options.credentials_json;
    credentials = TRY(Credentials::find(wanted, *http));
  } else {
    endpoint = emulator_endpoint(options.emulator_host);
    credentials = Credentials::anonymous();
  }
  const RetryPolicy policy = options.patient ? RetryPolicy{} : RetryPolicy{.total = seconds(2)};
  auto retrier =
      std::make_shared<Retrier>(policy, make_real_backoff(), options.hurry, options.tell_of_wait);
  auto client = std::make_shared<GcsClient>(bucket, std::move(endpoint), std::move(http),
                                            std::move(credentials), options.billing_project);
  return OpenStore{
      .store = make_retrying_store(make_gcs_store(client, options.classes, retrier), retrier),
      .inspector = make_bucket_inspector(client, retrier),
      .usage_meter = client->usage_meter()};
}

}  // namespace

Result<OpenStore> open_store(const StoreAddress& address, const StoreOptions& options)
{
  if (const BucketAddress* bucket = address.bucket()) return open_bucket(*bucket, options);
  return open_folder(*address.folder(), options);
}

}  // namespace ib
