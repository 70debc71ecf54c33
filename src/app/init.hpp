// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "postgres/database_settings.hpp"
#include "report/init.hpp"

#include <optional>
#include <string>

namespace ib {

struct InitJob {
  std::optional<std::string> library;        ///< the media root; absent where nobody names it
  std::optional<DatabaseSettings> database;  ///< absent with --no-database
  bool adopt = false;  ///< make the store of another Immich this one's, or mend its marker
};

/// Begins a store: writes its marker, and nothing else. Changes nothing in a store that is this
/// Immich's already. invalid if the store is of another Immich, or if store and library lie in one
/// another.
Result<InitReport> run_init(const Session& session, const InitJob& job);

}  // namespace ib
