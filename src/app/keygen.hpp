// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "age/passphrase.hpp"
#include "report/keygen.hpp"
#include "store/store_address.hpp"

#include <optional>
#include <string>

namespace ib {

struct KeygenJob {
  std::string file;
  AskPassphrase new_passphrase = {};                 ///< to protect the file; empty: nothing does
  std::optional<StoreAddress> store = std::nullopt;  ///< beside which the file should not lie
  bool paper = false;                                ///< the report is to have the secret key, too
};

/// Writes a new identity of age to a new file that only its owner can read. A file that is there is
/// left alone. The file appears as a whole or not at all. invalid if it may not be written there,
/// or if the passphrase is; nobody is asked for one then.
Result<KeygenReport> run_keygen(const KeygenJob& job);

/// The one identity in a file, of which the report has the secret key only for `paper`. `ask` is
/// called if a passphrase protects it. Codes as of load_age_identities().
Result<KeygenReport> show_key(const std::string& file, const AskPassphrase& ask, bool paper);

}  // namespace ib
