// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "core/records/named_file.hpp"
#include "immich/database.hpp"
#include "postgres/connection.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace ib {

/// Their paths are as the database has them.
using NamedFileSink = std::function<Result<>(const NamedFile&)>;

/// One instant of Immich's database: a transaction in which all reads, and a pg_dump that is given
/// its id(), see the same. Needs no superuser. Until end(), or until it is destroyed, it keeps the
/// server from cleaning up, so it must not live for longer than the dump. One thread at a time.
///
/// A read that fails, say for want of a privilege, harms no other one, unless the connection is
/// lost (`unavailable`): then a dump that uses it ends too, and both have to be taken again.
class DatabaseSnapshot {
public:
  static Result<DatabaseSnapshot> take(const DatabaseAddress& address, const std::stop_token& stop);

  /// For pg_dump --snapshot. Empty where the server exports none: then a dump is of another
  /// instant.
  const std::string& id() const { return id_; }
  int server_major() const { return connection_.server_major(); }

  Result<ImmichFacts> facts();
  /// The files of one kind that the database names, in no order, as they come: memory does not grow
  /// with their number. Derived ones, which Immich makes again, are not among them. Only in a known
  /// schema.
  Result<> named_files(NamedFile::Kind kind, const NamedFileSink& sink);

  /// Whether the session still holds it.
  Result<> check();
  Result<> end();

private:
  DatabaseSnapshot(Connection connection, std::string id)
      : connection_(std::move(connection)), id_(std::move(id))
  {}
  template <class Read>
  auto apart(const Read& read) -> decltype(read());

  Connection connection_;
  std::string id_;
};

/// The files of the kind that the database names now for these assets or users: of those that a
/// snapshot named and that are not there, some have been deleted or moved since. Only in a known
/// schema.
Result<> named_files_of(Connection& connection, NamedFile::Kind kind,
                        std::span<const std::string> ids, const NamedFileSink& sink);

}  // namespace ib
