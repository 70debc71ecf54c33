// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/address.hpp"
#include "postgres/connection.hpp"

#include <chrono>
#include <string>

namespace ib {

/// How long a backup waits for a server that does not answer: one that starts anew, or is being
/// updated.
inline constexpr std::chrono::minutes kDatabaseWait{10};

/// A database and the client programs for it.
struct DatabaseSettings {
  DatabaseAddress address;
  std::string client_folder;  ///< the folder of pg_dump and psql; empty: they are looked for
  std::chrono::milliseconds lock_wait = kLockWait;  ///< of a backup, for each lock of a table
  std::chrono::milliseconds wait = kDatabaseWait;   ///< of a backup, from the first failure on
};

}  // namespace ib
