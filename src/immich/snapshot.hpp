// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "core/records/named_file.hpp"
#include "immich/database.hpp"
#include "postgres/connection.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace ib {

/// Takes files whose paths are as in the database.
using NamedFileSink = std::function<Result<>(const NamedFile&)>;

/// One instant of Immich's database: a transaction in which all reads see the same data, and so
/// does a pg_dump that gets its id(). Needs no superuser. Until end() or the destructor, the server
/// cannot clean up old rows, so the snapshot must not outlive the dump. One thread at a time.
///
/// A read that fails, for example because a privilege is missing, does not affect other reads. But
/// if the connection is lost (`unavailable`), a dump that uses the snapshot ends too, and both must
/// be taken again.
class DatabaseSnapshot {
public:
  /// A read that waits for a lock longer than `lock_wait` fails.
  static Result<DatabaseSnapshot> take(const DatabaseAddress& address, const std::stop_token& stop,
                                       std::chrono::milliseconds lock_wait = kLockWait);

  /// For pg_dump --snapshot. Empty if the server exports no snapshot. Then a dump is of another
  /// instant.
  const std::string& id() const { return id_; }
  int server_major() const { return connection_.server_major(); }

  Result<ImmichFacts> facts();
  /// The files of one kind that the database names, in no order. Each is passed on when it arrives,
  /// so memory does not grow with their number. Leaves out derived files, which Immich can make
  /// again. Only in a known schema.
  Result<> named_files(NamedFile::Kind kind, const NamedFileSink& sink);

  /// Whether a read was given up since it waited for a lock.
  bool was_locked() const { return connection_.was_locked(); }
  /// The encoding of the database: "UTF8", "SQL_ASCII".
  Result<std::string> encoding();
  /// What is set on the database itself, for every session, in the server's order:
  /// "search_path=public".
  Result<std::vector<std::string>> settings();
  /// Whether the server is a standby; then, what of its primary's database it does not have.
  struct Standby {
    std::string replayed;               ///< when what it has was committed; empty if unknown
    std::vector<std::string> row_less;  ///< unlogged tables: "public.asset"
  };
  Result<std::optional<Standby>> standby();
  /// Other roles than the owner that may use Immich's tables, and this one if it may read all: what
  /// a dump does not have.
  Result<std::vector<std::string>> granted();
  /// Reads a table of public from end to end. `corrupt` where the server finds it damaged.
  Result<> read_table(const std::string& table);
  /// The tables that a dump needs and the role may not read: "public.asset".
  Result<std::vector<std::string>> unreadable_tables();
  /// Whether the session still holds the snapshot.
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

/// The files of one kind that the database names now for these assets or users. A file that a
/// snapshot named, but that is not in the library, may have been deleted or moved since. Only in a
/// known schema.
Result<> named_files_of(Connection& connection, NamedFile::Kind kind,
                        std::span<const std::string> ids, const NamedFileSink& sink);

}  // namespace ib
