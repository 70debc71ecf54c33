// SPDX-License-Identifier: Apache-2.0
// The names of Immich's tables in the present schema. Private to this module.
#pragma once

#include "base/result.hpp"
#include "postgres/connection.hpp"

#include <optional>
#include <string>

namespace ib {

/// The names of the tables, which changed with 1.136.
struct TableNames {
  std::string asset;
  std::string asset_file;
  std::string user;
  std::string album;
  std::string library;
};

/// Absent if the tables are not of a schema that this program knows (1.132 to 3.x).
Result<std::optional<TableNames>> known_tables(Connection& connection);

Result<bool> table_exists(Connection& connection, const std::string& table);
Result<bool> has_column(Connection& connection, const std::string& table,
                        const std::string& column);

}  // namespace ib
