// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/bandwidth.hpp"
#include "store/object_store.hpp"
#include "store/storage_classes.hpp"
#include "store/store_inspector.hpp"
#include "store/usage_meter.hpp"

#include <memory>
#include <optional>
#include <string>

namespace ib {

/// What a store in the cloud has to know; reading the environment is for the caller. Empty means
/// unset.
struct StoreOptions {
  StorageClasses classes;
  std::string emulator_host;     ///< STORAGE_EMULATOR_HOST: every request goes there, unsigned
  std::string credentials_json;  ///< GCS_CREDENTIALS: a credential's JSON itself
  std::string application_credentials;  ///< GOOGLE_APPLICATION_CREDENTIALS: the path of such a file
  std::string cloudsdk_config;          ///< CLOUDSDK_CONFIG
  std::string home;                     ///< HOME
  std::string metadata_host;            ///< GCE_METADATA_HOST
  /// False for a person who waits: a connection has ten seconds, and what is unavailable is tried
  /// again for two, in place of ten minutes.
  bool patient = true;

  std::shared_ptr<Bandwidth> bandwidth = nullptr;  ///< what all transfers keep to; null: no limit
  std::string
      ca_bundle;  ///< a PEM file to trust in place of the system's certificates, by every request
};

/// A store that is open, and what can be known of it beside its objects.
struct OpenStore {
  std::unique_ptr<ObjectStore> store;
  std::unique_ptr<StoreInspector> inspector;
  std::shared_ptr<const UsageMeter> usage_meter;
};

/// Opens the store at `address`. A folder is made by the first write and never by a read. A
/// bucket's credential is looked for, and nothing is asked of the bucket yet.
Result<OpenStore> open_store(const StoreAddress& address, const StoreOptions& options = {});

}  // namespace ib
