// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "age/passphrase.hpp"

#include <stop_token>
#include <string>

namespace ib {

/// Asks at the terminal of this process, whatever its stdin is, and shows nothing of what is typed.
/// invalid if there is no terminal, or nothing is typed; cancelled once `stop` is requested. `file`
/// is what the passphrase protects.
Result<Passphrase> ask_passphrase(const std::string& file, const std::stop_token& stop);

/// The same twice, for a new one. invalid also if the two differ.
Result<Passphrase> ask_new_passphrase(const std::string& file, const std::stop_token& stop);

}  // namespace ib
