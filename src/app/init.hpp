// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "age/keys.hpp"
#include "app/session.hpp"
#include "postgres/database_settings.hpp"
#include "report/init.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ib {

struct InitJob {
  std::optional<std::string> library;        ///< the media root; absent where nobody names it
  std::optional<DatabaseSettings> database;  ///< absent with --no-database
  bool adopt = false;           ///< make the store of another Immich this one's, or mend its marker
  std::string key_file = {};    ///< where the machine key is, or is to be; empty: nowhere
  bool may_go_without = false;  ///< of a folder: nothing is signed
  bool new_key = false;         ///< the machine key of this store is lost: make another
  bool change_recipients = false;  ///< encrypt to others from now on
  bool may_be_unproven = false;    ///< begin an encrypted store that nobody has opened
  /// Asks the person who waits for the identity that opens the store, if none was given. Empty
  /// where nobody waits.
  std::function<Result<std::vector<AgeIdentity>>(const std::string& why)> ask_identities = {};
  bool sign = false;  ///< sign what lies in the store, whoever has written it
};

/// Begins a store: makes the machine key where there is none yet, and writes the store's marker.
/// What lies there of a backup that is older than markers is signed. Changes nothing else in a
/// store that is this Immich's already. Where the settings say to whom to
/// encrypt, the store is encrypted from its beginning. invalid if the store is of another Immich,
/// if store and library lie in one another, or if the machine key is elsewhere.
Result<InitReport> run_init(const Session& session, const InitJob& job);

}  // namespace ib
