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
#include <string_view>
#include <vector>

namespace ib {

/// `invalid` unless the database is empty. It is empty if it holds no table, view, sequence, type
/// or function, except those of the system and of extensions. Empty schemas do not matter.
/// Restoring a dump over other objects would mix both.
Result<> require_empty_database(Connection& connection);

/// What else a database has, which does not make it any less empty, for a person and in byte order:
/// "extension cube", "schema public", the settings of the database and of this role, large objects.
Result<std::vector<std::string>> list_fittings(Connection& connection);

/// Those of `extensions` that the server cannot create, because their files are not installed
/// there.
Result<std::vector<std::string>> missing_extensions(Connection& connection,
                                                    std::span<const std::string> extensions);

/// The other sessions on the same database, for a person: "PID 17, immich from 172.18.0.3 as
/// postgres". Waits up to two seconds for sessions that are ending.
Result<std::vector<std::string>> other_sessions(Connection& connection);

/// Creates the empty database `name` if it does not exist. Returns whether it did. The connection
/// must be to another database of the server, with Access::read_write. It is in UTF8 whatever the
/// server's locale, but for a dump in kNoEncoding, whose bytes no other would take.
Result<bool> create_database(Connection& connection, const std::string& name,
                             std::string_view encoding = "UTF8");

/// Removes the database `name`, from a connection to another one with Access::read_write. Waits up
/// to five seconds for its sessions to end, and ends none. io if they do not.
Result<> drop_database(Connection& connection, const std::string& name);

/// Bytes without a meaning: PostgreSQL's name for no encoding at all.
inline constexpr std::string_view kNoEncoding = "SQL_ASCII";

/// The schemas of the database's extensions beside public, as SQL writes them.
Result<std::vector<std::string>> schemas_of_extensions(Connection& connection);
/// Lets this session find what lies there without its schema, as Immich's own sessions do.
Result<> search_extensions(Connection& connection);

/// A table with the wrong number of rows. `found` is absent if the table does not exist.
struct RowDifference {
  TableRows wanted;
  std::optional<std::uint64_t> found;
};
/// Counts the rows of the tables whose data was in a dump.
Result<std::vector<RowDifference>> compare_rows(Connection& connection,
                                                std::span<const TableRows> tables);

/// What a server would not take of a dump.
struct Refusal {
  std::string sqlstate;  ///< five characters, "23505": appendix A of PostgreSQL's manual
  std::string table;     ///< that it was about, without its schema; empty where it names none
};
/// Whether a table that SQL writes as `sql_name`, public."user", is called `name`, user.
bool is_table_called(std::string_view sql_name, std::string_view name);

/// Restores a plain dump of pg_dump into an empty database, in one transaction. Whatever happens to
/// psql or to this process: either commit() succeeds and all of it is there, or nothing is. Only a
/// dump that holds a COMMIT of its own, which pg_dump never writes, can leave a part of it.
///
/// The dump may be anybody's. psql runs it with \restrict, so it cannot run commands on this
/// machine. What it may do on the server is what the role of `address` may. One thread at a time.
class DatabaseRestore {
public:
  /// `psql` is a path (see find_client); `invalid` if it lacks \restrict. `first` is SQL that runs
  /// before the dump in the same transaction.
  static Result<DatabaseRestore> start(const std::string& psql, const DatabaseAddress& address,
                                       const std::stop_token& stop, const std::string& first = {});

  /// Sends the next bytes of the dump. An error holds psql's first complaint. After an error
  /// nothing may be written.
  Result<> write(ByteView plain_sql);

  /// Ends the transaction after the dump's last line, when psql has executed everything. `corrupt`
  /// if the last line is missing, or if the dump has ended the transaction itself.
  Result<> commit();

  /// Of the statement that the server refused, once a call has failed for that.
  const std::optional<Refusal>& refusal() const { return refusal_; }

private:
  DatabaseRestore(Subprocess process, std::string token);
  Result<> send(ByteView bytes);
  Error ended(const Exit& exit);

  Subprocess process_;
  std::string token_;  // random: the dump can neither end the restriction nor imitate an answer
  RestoreRewriter rewriter_;
  DumpTrailerCheck check_;
  std::optional<Refusal> refusal_;
};

}  // namespace ib
