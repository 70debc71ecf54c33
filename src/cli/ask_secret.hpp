// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "age/keys.hpp"
#include "age/passphrase.hpp"

#include <stop_token>
#include <string>
#include <vector>

namespace ib {

// Each asks at the terminal of this process, whatever its stdin is, and shows nothing of what is
// typed. invalid if there is no terminal, or nothing is typed; cancelled once `stop` is requested.

/// `file` is what the passphrase protects.
Result<Passphrase> ask_passphrase(const std::string& file, const std::stop_token& stop);

/// The same twice, for a new one. invalid also if the two differ.
Result<Passphrase> ask_new_passphrase(const std::string& file, const std::stop_token& stop);

/// Of the file at `path`, for whose passphrase it asks where it has one. As load_age_identities(),
/// but invalid if there is no file.
Result<std::vector<AgeIdentity>> identities_in(const std::string& path,
                                               const std::stop_token& stop);

/// An identity, or the name of the file that has it. `why` is shown before. The errors of
/// AgeIdentity::parse() and identities_in(), too.
Result<std::vector<AgeIdentity>> ask_identities(const std::string& why,
                                                const std::stop_token& stop);

}  // namespace ib
