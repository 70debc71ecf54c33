// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "postgres/address.hpp"

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

/// A connection to a PostgreSQL server for asking questions. One thread at a time.
///
/// Waits end with `cancelled` when the stop token is requested (but for the resolution of the
/// host's name, which is the system's). After that, and after a sink's error, the connection is
/// closed and every query fails.
class Connection {
public:
  enum class Access : std::uint8_t { read_only, read_write };

  using Cell = std::optional<std::string>;  ///< as text; nullopt is NULL
  using Row = std::vector<Cell>;
  using Rows = std::vector<Row>;
  using RowSink = std::function<Result<>(const Row&)>;

  /// Connects within 15 seconds, or the address's connect_timeout. read_only makes every
  /// transaction read-only at the server. The error is `denied` where the server refuses user or
  /// password, `invalid` where it has no such database or the TLS settings do not fit,
  /// `unavailable` where it cannot be reached.
  static Result<Connection> open(const DatabaseAddress& address, const std::stop_token& stop,
                                 Access access = Access::read_only);

  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  int server_major() const;            ///< 16
  std::string server_version() const;  ///< "16.4"

  /// The address it was opened for, as messages name it: without the password.
  const std::string& description() const;

  /// All rows of one statement, in which $1, $2, ... stand for `params`. The error is `unavailable`
  /// where the connection was lost, `denied` where the role lacks a privilege, `corrupt` where the
  /// server found its data damaged, else io.
  Result<Rows> query(std::string_view sql, std::span<const std::string> params = {});

  /// The same, row by row as they come: memory does not grow with the result.
  Result<> each_row(std::string_view sql, std::span<const std::string> params, const RowSink& sink);

private:
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The number in a cell that a count(*) has filled; 0 for NULL.
std::uint64_t count_in(const Connection::Cell& cell);

}  // namespace ib
