// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "postgres/connection.hpp"

#include <cstdint>
#include <string>

namespace ib {

/// What a newly started Immich has made in a database, and what would go with it.
struct FreshImmich {
  std::string version;      ///< "v2.3.1"; "" if unknown
  std::uint64_t users = 0;  ///< who have registered already
};

/// `invalid`, with the reason, unless the database is one that Immich has initialised and that
/// holds no asset and no album, nor tables that are somebody else's.
Result<FreshImmich> require_fresh_immich(Connection& connection);

/// SQL that empties such a database within a transaction. It fails where an asset has come
/// meanwhile.
std::string empty_fresh_immich();

}  // namespace ib
