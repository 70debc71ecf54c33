// SPDX-License-Identifier: Apache-2.0
//
// PostgreSQL as this project needs it: an address, a connection to ask small questions over, and
// the server's own programs for dumping and restoring. Secrets reach those programs by environment
// alone.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ib {

/// Where a database is and who asks. An empty member is left to libpq, which looks in PGHOST,
/// ~/.pgpass and so on.
struct DatabaseAddress {
  std::string host;  ///< a name, an address, or the folder of a Unix socket
  std::string port = "5432";
  std::string database;
  std::string user;
  std::string password;
  /// Further libpq settings by their libpq names ("sslmode", "sslrootcert"), each at most once, and
  /// only such as have an environment variable, so that the client programs can be told them.
  std::vector<std::pair<std::string, std::string>> parameters = {};
};

/// "postgresql://user:p%40ss@host:5432/db?sslmode=require", or postgres://;
/// "postgresql:///db?host=/run/postgresql" for a Unix socket. What node-postgres understands and
/// libpq does not is translated: sslmode=no-verify means require unless another sslmode is given,
/// and uselibpqcompat is passed over. Errors are `invalid` and never hold the URL.
Result<DatabaseAddress> parse_database_url(std::string_view url);

/// "immich on db.example:5432 as postgres": for messages; without the password.
std::string describe(const DatabaseAddress& address);

/// The environment that makes PostgreSQL's client programs connect to `address` and speak English.
/// Holds the password.
std::vector<std::pair<std::string, std::string>> client_environment(const DatabaseAddress& address);

/// The same for libpq's PQconnectdbParams: keywords and values. Holds the password.
std::vector<std::pair<std::string, std::string>> libpq_keywords(const DatabaseAddress& address);

/// The value of one of the parameters, or "".
std::string parameter(const DatabaseAddress& address, std::string_view name);

}  // namespace ib
