// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "postgres/address.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// The longest wait for a lock of Immich's tables: an update of Immich takes minutes at most.
/// Longer, and everything that Immich asks waits behind the backup's own request.
inline constexpr std::chrono::minutes kLockWait{5};

/// A connection to a PostgreSQL server for questions. One thread at a time.
///
/// All waits end with `cancelled` if `stop` is requested, except the system's resolution of the
/// host's name. After that, and after an error of a sink, the connection is closed and every query
/// fails.
class Connection {
public:
  enum class Access : std::uint8_t { read_only, read_write };

  using Cell = std::optional<std::string>;  ///< text; nullopt is NULL
  using Row = std::vector<Cell>;
  using Rows = std::vector<Row>;
  using RowSink = std::function<Result<>(const Row&)>;

  /// Connects within 15 seconds, or within the address's connect_timeout. With read_only, each
  /// query has a read-only transaction of its own; nothing is set for the session, which may be
  /// somebody else's afterwards. No timeout of the role or the server ends a query. The error is
  /// `denied` if the server refuses the user or the password, `invalid` if the database does not
  /// exist, the TLS settings do not fit, or a connection pooler answers, and `unavailable` if the
  /// server cannot be reached.
  static Result<Connection> open(const DatabaseAddress& address, const std::stop_token& stop,
                                 Access access = Access::read_only);

  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  int server_major() const;            ///< 16
  std::string server_version() const;  ///< "16.4"

  /// The address of this connection for messages, without the password.
  const std::string& description() const;

  /// What CREATE ROLE takes for `password` of `role`, so that the server never sees the password:
  /// its log may hold statements.
  Result<std::string> encrypted_password(const std::string& role, const std::string& password);

  /// Runs one statement and returns all rows. `params` are the values of $1, $2, ... The error is
  /// `unavailable` if the connection was lost, `denied` if the role lacks a privilege, `corrupt` if
  /// the server found damaged data, and io otherwise.
  Result<Rows> query(std::string_view sql, std::span<const std::string> params = {});

  /// As query(), but passes each row to the sink when it arrives. Memory does not grow with the
  /// result.
  Result<> each_row(std::string_view sql, std::span<const std::string> params, const RowSink& sink);

  /// Begins a read-only transaction for all queries until end(). `isolation` is as in SQL:
  /// "REPEATABLE READ". In it, one wait for a lock ends after `lock_wait`.
  Result<> begin(std::string_view isolation, std::chrono::milliseconds lock_wait = kLockWait);
  /// Ends it, whatever has happened in it.
  Result<> end();
  /// Whether a query waited for a lock until it was given up. It failed with `io`.
  bool was_locked() const;

private:
  Result<> refuse_a_pooler();
  Result<> switch_timeouts_off(bool in_this_transaction);
  Result<> run(std::string_view sql, std::span<const std::string> params, const RowSink& sink);

  struct State;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Whether open() failed since a connection pooler answered.
bool is_from_a_pooler(const Error& error);

/// Who holds locks that keep others from reading tables, in one sentence; empty if nobody does, or
/// if the server does not tell.
std::string lock_holders(Connection& connection);

/// The first cell of each row; "" for NULL.
std::vector<std::string> first_column(const Connection::Rows& rows);

/// The number in a cell that holds a count(*). 0 for NULL.
std::uint64_t count_in(const Connection::Cell& cell);

}  // namespace ib
