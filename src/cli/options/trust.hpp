// SPDX-License-Identifier: Apache-2.0
// The options that tell whose word counts in a store.
#pragma once

#include "cli/command.hpp"
#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "repository/store_layers.hpp"

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace ib {

Options trust_options();

/// Where the machine key is: --machine-key, or machine.key in the folder immich-backup of
/// $XDG_CONFIG_HOME or ~/.config. Empty where neither tells.
std::string machine_key_file(const Settings& settings, const EnvironmentLookup& environment);

/// The keys that the settings name. invalid where one cannot be read.
Result<TrustedKeys> trusted_keys(const Settings& settings, const EnvironmentLookup& environment);

/// Where the owner is to keep what --distrust said, in one sentence: the store has no place for it.
std::string distrust_to_keep(const std::vector<std::string>& values);

/// To whom the settings say to encrypt; empty where they do not. invalid where one is no recipient.
Result<std::vector<AgeRecipient>> recipients_in(const Settings& settings);

/// What a command is to read and write instead of `store`, which must outlive it. It has no
/// signatures where --unsigned says so, for a folder that was begun without a key, for `init`, and,
/// to read or to plan, for a store that is older than keys. invalid where no key tells whom to
/// believe, or where there is none to sign with. Asks the store for its marker where the settings
/// do not decide.
Result<StoreLayers> layers_of(ObjectStore& store, KeyUse use, const Settings& settings,
                              const EnvironmentLookup& environment, const std::stop_token& stop);

}  // namespace ib
