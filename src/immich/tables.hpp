// SPDX-License-Identifier: Apache-2.0
//
// What Immich's tables are called in the schema at hand. Private to this module.
#pragma once

#include "base/result.hpp"
#include "postgres/connection.hpp"

#include <optional>
#include <string>

namespace ib {

/// The names of the tables since 1.136, and before.
struct TableNames {
  std::string asset;
  std::string asset_file;
  std::string user;
  std::string album;
};

/// Absent where the tables are not those of a schema that this program knows (1.132 to 3.x).
Result<std::optional<TableNames>> known_tables(Connection& connection);

Result<bool> table_exists(Connection& connection, const std::string& table);
Result<bool> has_column(Connection& connection, const std::string& table,
                        const std::string& column);

}  // namespace ib
