// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "postgres/address.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump_filter.hpp"

#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace ib {

/// Whether the connection's role is a superuser: to it a dump may do anything on the server.
Result<bool> is_superuser(Connection& connection);

/// For a DumpFilter: creates an extension in the database of `admin`, a superuser's connection, if
/// Immich uses it and the server has it.
Result<DumpFilter::Extension> provide_extension(Connection& admin, std::string_view name,
                                                std::string_view schema);
/// For a DumpFilter, where the dump is restored as a role that is no superuser: by_dump unless the
/// database of `connection` has it, or the server lacks it, or Immich does not use it. `invalid` if
/// the database has it in another schema.
Result<DumpFilter::Extension> find_extension(Connection& connection, std::string_view name,
                                             std::string_view schema);
/// Whether the database has this schema.
Result<bool> find_schema(Connection& connection, std::string_view name);

/// A role of our own that a dump is restored as. It may log in and make things in one database, and
/// no more: whatever a dump holds, it cannot run a program on the server, read its files or reach
/// what another role owns.
///
/// `admin` is always a superuser's connection to that database, with Access::read_write.
class RestoreRole {
public:
  /// What a killed process has left goes: roles of the prefix that nobody is connected as, if they
  /// are older than two days. One that owns something stays, here or in another database, since
  /// what it owns is a stranger's. Returns the name of one that owns something here; else "".
  static Result<std::string> remove_leftovers(Connection& admin, std::string_view prefix,
                                              Timestamp now);

  /// Makes "<prefix><now>_<random>" with a random password, for the database of `database`.
  /// `denied` where the server lets no new role in by its password.
  static Result<RestoreRole> create(Connection& admin, const DatabaseAddress& database,
                                    std::string_view prefix, Timestamp now,
                                    const std::stop_token& stop);

  /// To log in as this role.
  const DatabaseAddress& address() const { return address_; }
  /// For a DumpFilter: makes a schema, and this role its owner, if the database does not have it;
  /// else the role may use it until it is removed.
  Result<bool> provide_schema(Connection& admin, std::string_view name) const;
  /// Makes it the owner of the database and of its schema public: of one that is dropped later.
  Result<> own_database(Connection& admin);
  /// Gives all that it has made to the database's owner, and removes it, in one transaction.
  Result<> hand_over(Connection& admin);
  /// Leaves it all that it has made, and lets nobody log in as this role any more.
  Result<> close(Connection& admin);
  /// The SQL with which a superuser does later what hand_over() does.
  Result<std::string> sql_to_hand_over(Connection& admin) const;
  /// Removes it once its database is gone. `maintenance` is a superuser's, to another database.
  Result<> drop(Connection& maintenance);

private:
  RestoreRole(DatabaseAddress address, std::string quoted_name)
      : address_(std::move(address)), quoted_name_(std::move(quoted_name))
  {}

  Result<> log_in(const std::stop_token& stop);

  DatabaseAddress address_;
  std::string quoted_name_;
};

}  // namespace ib
