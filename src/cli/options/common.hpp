// SPDX-License-Identifier: Apache-2.0
//
// What every command over a store takes.
#pragma once

#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "manifest/older_manifest.hpp"
#include "store/open_store.hpp"

#include <string>
#include <vector>

namespace ib {

Option store_option();
/// All others.
Options common_options();

/// The store's address: --store, IMMICH_BACKUP_STORE, gs://$GCS_BUCKET or the config file's.
Result<std::string> store_url(const Settings& settings, const EnvironmentLookup& environment);
/// How a bucket is reached: the credential, an emulator, certificates. Without classes and limits.
StoreOptions open_options(const Settings& settings, const EnvironmentLookup& environment);

/// --map-prefix
Result<std::vector<PathMapping>> path_mappings(const Settings& settings);

/// Whether each line on stderr is to be JSON.
Result<bool> wants_json_log(const Settings& settings);

}  // namespace ib
