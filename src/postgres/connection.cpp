// SPDX-License-Identifier: Apache-2.0
#include "postgres/connection.hpp"

#include "base/text.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace ib {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMs = 100;  // how soon a stop request is noticed
constexpr std::chrono::seconds kConnectTimeout{15};

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Handle = std::unique_ptr<PGconn, Finish>;

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, Clear>;

constexpr int kHasTransactionTimeout = 17;
constexpr std::string_view kPoolerAnswers =
    ": a connection pooler answers there, and not PostgreSQL itself";

void discard_notice(void*, const PGresult*) {}

const Connection::RowSink kNoRows = [](const Connection::Row&) -> Result<> { return {}; };

std::chrono::seconds connect_timeout(const DatabaseAddress& address)
{
  const std::string text = parameter(address, "connect_timeout");
  const int seconds = parse_number<int>(text).value_or(0);
  return seconds > 0 ? std::chrono::seconds(seconds) : kConnectTimeout;
}

/// libpq's message about a failed connection as one line, and the server's SQLSTATE if the message
/// holds one.
struct Refusal {
  std::string message;
  std::string sqlstate;
};

bool is_sqlstate(std::string_view text)
{
  return text.size() == 5 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

/// libpq has no function for the SQLSTATE of a failed connection. But with PQERRORS_VERBOSE its
/// message holds the SQLSTATE in any language of the server: "FATAL:  28P01: password
/// authentication failed ...".
Refusal read_refusal(std::string_view text)
{
  Refusal refusal;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    std::string line(text.substr(0, newline));
    text = newline == std::string_view::npos ? std::string_view{} : text.substr(newline + 1);
    if (line.empty() || line.starts_with("LOCATION:")) continue;
    for (std::size_t at = line.find(":  "); at != std::string::npos;
         at = line.find(":  ", at + 1)) {
      const std::string_view rest = std::string_view(line).substr(at + 3);
      if (rest.size() > 7 && is_sqlstate(rest.substr(0, 5)) && rest.substr(5, 2) == ": ") {
        refusal.sqlstate = rest.substr(0, 5);
        line.erase(at + 1, 2 + 5 + 1);
        break;
      }
    }
    if (!refusal.message.empty()) refusal.message += "; ";
    const std::size_t first = line.find_first_not_of(" \t");
    refusal.message += printable(std::string_view(line).substr(std::min(first, line.size())));
  }
  return refusal;
}

Error connect_error(PGconn* connection, const std::string& description)
{
  const Refusal refusal = read_refusal(PQerrorMessage(connection));
  const std::string message = "database " + description + ": " + refusal.message;
  const std::string& state = refusal.sqlstate;
  if (state.starts_with("28") || PQconnectionNeedsPassword(connection) != 0) {
    return {
        .code = Errc::denied,
        .message = message,
        .hint =
            "Check DB_USERNAME and DB_PASSWORD (or DB_URL). They must be the ones that Immich's "
            "server uses. If the server has no pg_hba.conf entry for this host, add one."};
  }
  if (state == "3D000") {
    return {
        .code = Errc::invalid,
        .message = message,
        .hint =
            "Check DB_DATABASE_NAME (or DB_URL). It must be the one that Immich's server uses."};
  }
  if (state == "42501") {
    return {.code = Errc::denied,
            .message = message,
            .hint = "Grant CONNECT on the database to the user in DB_USERNAME."};
  }
  if (state.empty() && (refusal.message.contains("does not support SSL") ||
                        refusal.message.contains("certificate"))) {
    return {.code = Errc::invalid,
            .message = message,
            .hint = "Check sslmode and sslrootcert in DB_URL (or PGSSLMODE and PGSSLROOTCERT)."};
  }
  return {
      .code = Errc::unavailable,
      .message = message,
      .hint =
          "Check that the database server is running, and DB_HOSTNAME and DB_PORT (or DB_URL)."};
}

Errc code_for(std::string_view sqlstate)
{
  if (sqlstate == "42501") return Errc::denied;
  if (sqlstate.starts_with("08") || sqlstate.starts_with("57P") || sqlstate.starts_with("53"))
    return Errc::unavailable;
  if (sqlstate == "XX001" || sqlstate == "XX002") return Errc::corrupt;
  return Errc::io;
}

}  // namespace

struct Connection::State {
  Handle handle;
  std::string description;
  std::stop_token stop;
  Access access = Access::read_only;
  bool in_transaction = false;  // of begin()
  bool was_locked = false;

  /// Waits until the socket is ready for `events`. False if the deadline passes first.
  Result<bool> wait(short events, Clock::time_point deadline = Clock::time_point::max()) const
  {
    for (;;) {
      if (stop.stop_requested())
        return fail(Errc::cancelled, "database " + description + ": interrupted");
      if (Clock::now() >= deadline) return false;
      pollfd fd{.fd = PQsocket(handle.get()), .events = events, .revents = 0};
      const int ready = ::poll(&fd, 1, kPollMs);
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR)
        return fail(Errc::io, "database " + description + ": cannot wait for its socket");
    }
  }

  Error lost() const
  {
    return {.code = Errc::unavailable,
            .message = "database " + description + ": " +
                       read_refusal(PQerrorMessage(handle.get())).message};
  }

  Error failed(const PGresult* result)
  {
    const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (sqlstate == nullptr || primary == nullptr || PQstatus(handle.get()) == CONNECTION_BAD)
      return lost();
    was_locked = was_locked || sqlstate == std::string_view("55P03");
    return {.code = code_for(sqlstate),
            .message = "database " + description + ": " + printable(primary)};
  }

  /// The next result of the statement that was sent. Null after the last one.
  Result<ResultHandle> next_result() const
  {
    while (PQisBusy(handle.get()) != 0) {
      TRY(wait(POLLIN));
      if (PQconsumeInput(handle.get()) == 0) return std::unexpected(lost());
    }
    return ResultHandle(PQgetResult(handle.get()));
  }

  Result<> run(const std::string& sql, std::span<const std::string> params, const RowSink& sink)
  {
    std::vector<const char*> values;
    for (const std::string& param : params) values.push_back(param.c_str());
    if (PQsendQueryParams(handle.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                          values.data(), nullptr, nullptr, 0) == 0) {
      return std::unexpected(lost());
    }
    static_cast<void>(PQsetSingleRowMode(handle.get()));  // fails only if nothing was sent
    std::optional<Error> error;
    for (;;) {
      const ResultHandle result = TRY(next_result());
      if (!result) break;
      const ExecStatusType status = PQresultStatus(result.get());
      if (status == PGRES_SINGLE_TUPLE) {
        TRY(sink(row_of(result.get())));
      } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        // Later results belong to the same failure, but must be read before the next statement.
        if (!error) error = failed(result.get());
      }
    }
    if (error) return std::unexpected(*std::move(error));
    return {};
  }

  static Row row_of(const PGresult* result)
  {
    Row row;
    for (int column = 0; column < PQnfields(result); ++column) {
      if (PQgetisnull(result, 0, column) != 0) {
        row.emplace_back();
      } else {
        row.emplace_back(std::in_place, PQgetvalue(result, 0, column),
                         static_cast<std::size_t>(PQgetlength(result, 0, column)));
      }
    }
    return row;
  }
};

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const DatabaseAddress& address, const std::stop_token& stop,
                                    Access access)
{
  const auto settings = libpq_keywords(address);
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : settings) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);

  auto state = std::make_unique<State>(
      State{.handle = Handle(PQconnectStartParams(keywords.data(), values.data(), 0)),
            .description = describe(address),
            .stop = stop,
            .access = access});
  PGconn* connection = state->handle.get();
  if (connection == nullptr)
    return fail(Errc::io, "database " + state->description + ": out of memory");
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  PQsetNoticeReceiver(connection, discard_notice, nullptr);

  const auto timeout = connect_timeout(address);
  const auto deadline = Clock::now() + timeout;
  PostgresPollingStatusType status =
      PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (status != PGRES_POLLING_OK) {
    if (status == PGRES_POLLING_FAILED)
      return std::unexpected(connect_error(connection, state->description));
    if (!TRY(state->wait(status == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))) {
      return fail(
          Errc::unavailable,
          "database " + state->description + ": no answer within " +
              std::to_string(timeout.count()) + " s",
          "Check that the database server is running, and DB_HOSTNAME and DB_PORT (or DB_URL).");
    }
    status = PQconnectPoll(connection);
  }
  Connection opened(std::move(state));
  TRY(opened.refuse_a_pooler());
  // A session that writes is nobody else's.
  if (access == Access::read_write) TRY(opened.switch_timeouts_off(false));
  return opened;
}

/// A pooler gives the server's session to the next client as pg_dump and psql have left it: without
/// a search_path, say. Its clients have process ids that it makes up.
Result<> Connection::refuse_a_pooler()
{
  Rows rows;
  TRY(run("SELECT pg_catalog.pg_backend_pid(), pg_catalog.inet_server_port()", {},
          [&](const Row& row) -> Result<> {
            rows.push_back(row);
            return {};
          }));
  const Row& row = rows.at(0);
  if (row.at(0) == std::to_string(PQbackendPID(state_->handle.get()))) return {};
  return fail(Errc::invalid, "database " + state_->description + std::string(kPoolerAnswers),
              "Nothing was done. A dump or a restore through a pooler would leave Immich sessions "
              "that do not work. Name the server's own host and port in DB_HOSTNAME and DB_PORT "
              "(or DB_URL)" +
                  (row.at(1) ? "; the server listens on port " + *row.at(1) : std::string()) + ".");
}

int Connection::server_major() const
{
  return state_->handle ? PQserverVersion(state_->handle.get()) / 10000 : 0;
}

std::string Connection::server_version() const
{
  const char* version =
      state_->handle ? PQparameterStatus(state_->handle.get(), "server_version") : nullptr;
  if (version == nullptr) return {};
  const std::string_view text = version;  // "15.18 (Debian 15.18-0+deb12u1)"
  return std::string(text.substr(0, text.find(' ')));
}

const std::string& Connection::description() const
{
  return state_->description;
}

Result<std::string> Connection::encrypted_password(const std::string& role,
                                                   const std::string& password)
{
  // With no algorithm named, libpq asks the server for its password_encryption.
  struct Free {
    void operator()(char* text) const { PQfreemem(text); }
  };
  const std::unique_ptr<char, Free> secret(
      PQencryptPasswordConn(state_->handle.get(), password.c_str(), role.c_str(), nullptr));
  if (!secret) return std::unexpected(state_->lost());
  return secret.get();
}

Result<Connection::Rows> Connection::query(std::string_view sql,
                                           std::span<const std::string> params)
{
  Rows rows;
  TRY(each_row(sql, params, [&](const Row& row) -> Result<> {
    rows.push_back(row);
    return {};
  }));
  return rows;
}

Result<> Connection::each_row(std::string_view sql, std::span<const std::string> params,
                              const RowSink& sink)
{
  if (!state_->handle)
    return fail(Errc::unavailable,
                "database " + state_->description + ": the connection is closed");
  if (state_->access == Access::read_write || state_->in_transaction) return run(sql, params, sink);
  TRY(run("BEGIN READ ONLY", {}, kNoRows));
  TRY(switch_timeouts_off(true));
  const Result<> done = run(sql, params, sink);
  if (!state_->handle) return done;
  const Result<> ended = run(done ? "COMMIT" : "ROLLBACK", {}, kNoRows);
  return done ? ended : done;
}

Result<> Connection::run(std::string_view sql, std::span<const std::string> params,
                         const RowSink& sink)
{
  bool sink_failed = false;
  const Result<> done = state_->run(std::string(sql), params, [&](const Row& row) -> Result<> {
    Result<> taken = sink(row);
    sink_failed = !taken;
    return taken;
  });
  // The rest of an unwanted answer may be long. Closing the connection keeps the server from
  // sending it.
  if (sink_failed || (!done && done.error().code == Errc::cancelled)) state_->handle.reset();
  return done;
}

bool Connection::was_locked() const
{
  return state_->was_locked;
}

Result<> Connection::begin(std::string_view isolation, std::chrono::milliseconds lock_wait)
{
  TRY(run("BEGIN ISOLATION LEVEL " + std::string(isolation) + " READ ONLY", {}, kNoRows));
  state_->in_transaction = true;
  TRY(switch_timeouts_off(true));
  return run("SET LOCAL lock_timeout = " + std::to_string(lock_wait.count()), {}, kNoRows);
}

/// What a role or a server is set to ends no query of ours. These are no queries themselves, before
/// which a transaction may still take a snapshot.
Result<> Connection::switch_timeouts_off(bool in_this_transaction)
{
  std::vector<std::string_view> names{"statement_timeout", "idle_in_transaction_session_timeout"};
  if (server_major() >= kHasTransactionTimeout) names.emplace_back("transaction_timeout");
  for (const std::string_view name : names)
    TRY(run("SET " + std::string(in_this_transaction ? "LOCAL " : "") + std::string(name) + " = 0",
            {}, kNoRows));
  return {};
}

Result<> Connection::end()
{
  if (!state_->handle) return {};
  state_->in_transaction = false;
  return run("ROLLBACK", {}, kNoRows);
}

bool is_from_a_pooler(const Error& error)
{
  return error.code == Errc::invalid && error.message.ends_with(kPoolerAnswers);
}

std::string lock_holders(Connection& connection)
{
  // A lock of these modes keeps a reader out, who wants AccessShareLock.
  const auto rows = connection.query(
      "SELECT DISTINCT a.pid::text, a.usename, a.application_name, a.xact_start::text, "
      "pg_catalog.left(a.query, 80) FROM pg_catalog.pg_locks l "
      "JOIN pg_catalog.pg_stat_activity a ON a.pid OPERATOR(pg_catalog.=) l.pid "
      "WHERE l.granted AND l.locktype OPERATOR(pg_catalog.=) 'relation' "
      "AND l.mode OPERATOR(pg_catalog.=) 'AccessExclusiveLock' "
      "AND a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() "
      "AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid() ORDER BY 4 LIMIT 3");
  std::string holders;
  if (!rows) return holders;
  for (const Connection::Row& row : *rows) {
    holders += (holders.empty() ? "locked by process " : "; process ") + row.at(0).value_or("?") +
               " (" + printable(row.at(1).value_or("?"));
    if (!row.at(2).value_or("").empty()) holders += ", " + printable(*row.at(2));
    holders += ") since " + printable(row.at(3).value_or("?"));
    if (row.at(4)) holders += ": " + printable(*row.at(4));
  }
  return holders;
}

std::vector<std::string> first_column(const Connection::Rows& rows)
{
  std::vector<std::string> column;
  for (const Connection::Row& row : rows) column.push_back(row.at(0).value_or(""));
  return column;
}

std::uint64_t count_in(const Connection::Cell& cell)
{
  return cell ? parse_number<std::uint64_t>(*cell).value_or(0) : 0;
}

}  // namespace ib
