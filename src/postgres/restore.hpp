// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "postgres/address.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump_inventory.hpp"
#include "postgres/dump_text.hpp"
#include "sys/subprocess.hpp"

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace ib {

/// `invalid` unless the database is empty: no table, view, sequence, type or function but the
/// system's and those of extensions; empty schemas are no matter. A dump that is restored over
/// anything else leaves a mix of both.
Result<> require_empty_database(Connection& connection);

/// Those of `extensions` that the server cannot create since their files are not installed there.
Result<std::vector<std::string>> missing_extensions(Connection& connection,
                                                    std::span<const std::string> extensions);

/// Those who are connected to the same database, for a person: "PID 17, immich from 172.18.0.3 as
/// postgres". Sessions that are just ending are waited for, up to two seconds.
Result<std::vector<std::string>> other_sessions(Connection& connection);

/// Creates the database `name`, empty, unless there is one. True if it did. The connection is one
/// to another database of the server, with Access::read_write.
Result<bool> create_database(Connection& connection, const std::string& name);

/// A table that holds another number of rows than it should; `found` is absent where it is not
/// there.
struct RowDifference {
  TableRows wanted;
  std::optional<std::uint64_t> found;
};
/// Counts the rows of the tables that a dump had data of.
Result<std::vector<RowDifference>> compare_rows(Connection& connection,
                                                std::span<const TableRows> tables);

/// Restores a plain dump of pg_dump into an empty database, in one transaction: either commit()
/// succeeds and all of it is there, or nothing is. Whatever else happens, to the dump, to psql or
/// to this process, the database stays as it was. One thread at a time.
class DatabaseRestore {
public:
  /// `psql` is a path, see find_client. `first` is SQL to run before the dump, in the same
  /// transaction.
  static Result<DatabaseRestore> start(const std::string& psql, const DatabaseAddress& address,
                                       const std::stop_token& stop, const std::string& first = {});

  /// The next bytes of the dump. The error holds psql's first complaint; nothing may be written
  /// after one.
  Result<> write(ByteView plain_sql);

  /// Ends the transaction once the dump's last line is there (else `corrupt`: it is cut) and psql
  /// has taken all of it.
  Result<> commit();

private:
  DatabaseRestore(Subprocess process, RestoreRewriter::Restrict restrict);
  Result<> send(ByteView bytes);
  Error ended(const Exit& exit) const;

  Subprocess process_;
  RestoreRewriter rewriter_;
  DumpTrailerCheck check_;
};

}  // namespace ib
