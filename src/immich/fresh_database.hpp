// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "postgres/connection.hpp"

#include <cstdint>
#include <string>

namespace ib {

/// What a new Immich has made in a database, and what a restore would replace.
struct FreshImmich {
  std::string version;      ///< "v2.3.1"; "" if unknown
  std::uint64_t users = 0;  ///< users who have registered
};

/// `invalid`, with the reason, unless Immich has initialised this database, it holds no asset and
/// no album, and all its tables, views and sequences are Immich's or an extension's.
Result<FreshImmich> require_fresh_immich(Connection& connection);

/// SQL that empties such a database inside a transaction. Fails if an asset was added meanwhile.
std::string empty_fresh_immich();

}  // namespace ib
