// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "postgres/address.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump_filter.hpp"
#include "postgres/restore_role.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// A database of our own on a server, for as long as it is needed: drop() removes it. What a
/// process that was killed has left goes with the next create(). One thread at a time.
class ScratchDatabase {
public:
  /// Makes an empty database "<prefix><now>" on the server of `address`, whose own database does
  /// not matter. Drops what carries the prefix, is older than two days, and has nobody connected.
  /// `unavailable` where one of this second is there already. For a superuser, it belongs to a role
  /// of its own, which may do nothing else on the server.
  static Result<ScratchDatabase> create(DatabaseAddress address, std::string_view prefix,
                                        Timestamp now, const std::stop_token& stop,
                                        std::string_view encoding = "UTF8");

  /// As the role that it belongs to.
  const DatabaseAddress& address() const { return address_; }
  int server_major() const { return maintenance_.server_major(); }
  std::string server_version() const { return maintenance_.server_version(); }
  /// For a DumpFilter: what this server has, and makes.
  DumpFilter::Server server();
  /// Lets sessions that begin from now on find what lies in schemas of extensions (see
  /// schemas_of_extensions).
  Result<> search_extensions(const std::stop_token& stop);
  /// Nobody may be connected to it any more.
  Result<> drop();

private:
  ScratchDatabase(DatabaseAddress address, Connection maintenance)
      : address_(std::move(address)), maintenance_(std::move(maintenance))
  {}
  Result<> make_role(std::string_view prefix, Timestamp now, const std::stop_token& stop);

  DatabaseAddress address_;
  Connection maintenance_;
  std::optional<Connection> admin_;  // a superuser's, to the database itself
  std::optional<RestoreRole> role_;
};

/// The server's databases, but for templates, those that accept no connection, and those of the
/// prefix. This role may be refused by some of them.
Result<std::vector<std::string>> databases_of(DatabaseAddress address, std::string_view prefix,
                                              const std::stop_token& stop);

}  // namespace ib
