// SPDX-License-Identifier: Apache-2.0
// The options that every command takes which works on a store.
#pragma once

#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "manifest/older_manifest.hpp"
#include "store/open_store.hpp"
#include "transfer/workers.hpp"

#include <string>
#include <vector>

namespace ib {

Option store_option();
/// All of them except --store.
Options common_options();

/// The store's address: the first of --store, IMMICH_BACKUP_STORE, gs://$GCS_BUCKET and the config
/// file's. `invalid` if there is none.
Result<std::string> store_url(const Settings& settings, const EnvironmentLookup& environment);
/// How to reach a bucket: the credential, an emulator, certificates. Leaves classes and limits
/// empty.
StoreOptions open_options(const Settings& settings, const EnvironmentLookup& environment);

/// How many files to transfer at the same time. Without a meter.
Result<Workers> workers_of(const Settings& settings, bool in_bucket);

/// The values of --map-prefix.
Result<std::vector<PathMapping>> path_mappings(const Settings& settings);

/// Whether each line on stderr shall be JSON.
Result<bool> wants_json_log(const Settings& settings);

}  // namespace ib
