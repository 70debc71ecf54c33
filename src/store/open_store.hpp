// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/bandwidth.hpp"
#include "store/object_store.hpp"
#include "store/storage_classes.hpp"
#include "store/store_inspector.hpp"
#include "store/usage_meter.hpp"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace ib {

/// What a store in the cloud needs to know. The caller reads the environment. Empty means unset.
struct StoreOptions {
  StorageClasses classes;
  std::string emulator_host;     ///< STORAGE_EMULATOR_HOST: every request goes there, unsigned
  std::string credentials_json;  ///< GCS_CREDENTIALS: a credential's JSON itself
  std::string
      application_credentials;  ///< GOOGLE_APPLICATION_CREDENTIALS: the path of a credential's file
  std::string cloudsdk_config;  ///< CLOUDSDK_CONFIG
  std::string home;             ///< HOME
  std::string metadata_host;    ///< GCE_METADATA_HOST
  std::string billing_project = {};  ///< pays for each request, where the bucket's owner does not
  /// False if a person is waiting. Then a connection may take ten seconds, and an unavailable call
  /// is retried for two seconds instead of ten minutes.
  bool patient = true;
  /// Hears why the store is waited for, once a minute. Any thread may call it.
  std::function<void(const Error&)> tell_of_wait = {};
  std::stop_token hurry = {};   ///< requested once a person or a supervisor waits for the end
  bool group_readable = false;  ///< of a folder that is begun: see open_dir_store()

  std::shared_ptr<Bandwidth> bandwidth = nullptr;  ///< limits all transfers; null: no limit
  std::string
      ca_bundle;  ///< a PEM file that every request trusts instead of the system's certificates
};

/// An open store, and what else is known about it.
struct OpenStore {
  std::unique_ptr<ObjectStore> store;
  std::unique_ptr<StoreInspector> inspector;
  std::shared_ptr<const UsageMeter> usage_meter;
};

/// Opens the store at `address`. Looks for the bucket's credential, but does not ask the bucket
/// anything yet. The first write to a folder creates it; reading never does.
Result<OpenStore> open_store(const StoreAddress& address, const StoreOptions& options = {});

}  // namespace ib
