// SPDX-License-Identifier: Apache-2.0
// PostgreSQL as this project needs it: an address, a connection for small questions, and the
// server's own programs for dumping and restoring. Those programs get secrets only by their
// environment.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ib {

/// Where a database is, and which user connects. libpq fills in an empty member from PGHOST,
/// ~/.pgpass and so on.
struct DatabaseAddress {
  std::string host;  ///< a name, an address, or the folder of a Unix socket
  std::string port = "5432";
  std::string database;
  std::string user;
  std::string password;
  /// Other libpq settings by their libpq names ("sslmode", "sslrootcert"), each at most once. Only
  /// settings with an environment variable are allowed, because the client programs get them that
  /// way.
  std::vector<std::pair<std::string, std::string>> parameters = {};
};

/// Parses "postgresql://user:p%40ss@host:5432/db?sslmode=require", or postgres://, or
/// "postgresql:///db?host=/run/postgresql" for a Unix socket. Translates what node-postgres
/// understands but libpq does not: sslmode=no-verify means require unless another sslmode is given,
/// and uselibpqcompat is ignored. Errors are `invalid` and never hold the URL.
Result<DatabaseAddress> parse_database_url(std::string_view url);

/// Sets libpq's sslmode. One that checks the server's certificate takes the authorities that this
/// system trusts, unless others are named (sslrootcert, PGSSLROOTCERT, ~/.postgresql/root.crt).
void set_ssl_mode(DatabaseAddress& address, const std::string& mode);

/// The address for messages, without the password: "immich on db.example:5432 as postgres".
std::string describe(const DatabaseAddress& address);

/// The environment that makes PostgreSQL's client programs connect to `address` and speak English,
/// with what this process's own PG* variables say beside it. Holds the password.
std::vector<std::pair<std::string, std::string>> client_environment(const DatabaseAddress& address);

/// The address as keywords and values for libpq's PQconnectdbParams. Holds the password.
std::vector<std::pair<std::string, std::string>> libpq_keywords(const DatabaseAddress& address);

/// The value of a parameter, or "".
std::string parameter(const DatabaseAddress& address, std::string_view name);

}  // namespace ib
