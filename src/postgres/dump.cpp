// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump.hpp"

#include "postgres/client_tools.hpp"
#include "postgres/dump_text.hpp"
#include "sys/subprocess.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace ib {
namespace {

constexpr std::size_t kBufferSize = std::size_t{64} * 1024;  // the capacity of a pipe

Error dump_error(const Exit& exit)
{
  const std::string complaint = client_complaint(exit.stderr_tail);
  const std::string message =
      "pg_dump: exit status " + std::to_string(exit.status) + ": " + complaint;
  if (complaint.contains("server version mismatch")) {
    return {
        .code = Errc::invalid,
        .message = message,
        .hint =
            "Install the pg_dump of the server's major version, or name its folder with --pg-bin."};
  }
  // This may happen inside a table. Then the message also names the table.
  if (complaint.contains("server closed the connection") ||
      complaint.contains("terminating connection")) {
    return {.code = Errc::unavailable, .message = message};
  }
  if (complaint.contains("password authentication failed") ||
      complaint.contains("permission denied")) {
    return {
        .code = Errc::denied,
        .message = message,
        .hint =
            "Check DB_USERNAME and DB_PASSWORD: a dump needs the user that owns Immich's tables."};
  }
  if (complaint.contains("connection to server"))
    return {.code = Errc::unavailable, .message = message};
  return {.code = Errc::io, .message = message};
}

}  // namespace

Result<DumpOutcome> dump_database(const std::string& pg_dump, const DatabaseAddress& address,
                                  const ByteSink& plain_sql, const std::stop_token& stop,
                                  const DumpOptions& options)
{
  Program program{
      .argv = {pg_dump, "--no-password", "--format=plain", "--clean", "--if-exists", "--no-owner",
               "--no-acl", "--lock-wait-timeout=" + std::to_string(options.lock_wait.count())},
      .environment = client_environment(address)};
  std::erase_if(program.environment,
                [](const auto& each) { return each.first == "PGCLIENTENCODING"; });
  if (!options.encoding.empty()) program.argv.push_back("--encoding=" + options.encoding);
  for (const std::string& table : options.without_data_of)
    program.argv.push_back("--exclude-table-data=" + table);
  if (!options.snapshot.empty()) program.argv.push_back("--snapshot=" + options.snapshot);
  Subprocess process = TRY(Subprocess::start(program, stop));
  process.close_stdin();

  DumpOutcome outcome;
  DumpTrailerCheck check;
  std::vector<std::byte> buffer(kBufferSize);
  while (const std::size_t n = TRY(process.read(buffer))) {
    const ByteView piece = ByteView(buffer).first(n);
    TRY(check.update(piece));
    TRY(plain_sql(piece));
    outcome.bytes += n;
  }

  // A pg_dump that failed has written half a dump. Even after a success, the dump may have been cut
  // on its way.
  const Exit exit = TRY(process.finish());
  if (exit.status != 0) return std::unexpected(dump_error(exit));
  TRY(check.require_complete().context("pg_dump ended with status 0, but"));
  outcome.extensions = check.extensions();
  return outcome;
}

Result<std::vector<std::string>> tables_without_select(Connection& connection)
{
  // What extensions own is not dumped. pg_dump locks tables, and reads sequences.
  const Connection::Rows rows = TRY(connection.query(
      "SELECT pg_catalog.quote_ident(n.nspname) OPERATOR(pg_catalog.||) '.' "
      "OPERATOR(pg_catalog.||) pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_class c "
      "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace "
      "WHERE c.relkind IN ('r', 'p', 'S') AND n.nspname OPERATOR(pg_catalog.!~) '^pg_' "
      "AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema' "
      "AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT') "
      "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d "
      "WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass "
      "AND d.objid OPERATOR(pg_catalog.=) c.oid AND d.deptype OPERATOR(pg_catalog.=) 'e') "
      "ORDER BY 1"));
  std::vector<std::string> names;
  for (const Connection::Row& row : rows) names.push_back(row.at(0).value_or(""));
  return names;
}

bool failed_to_lock(std::string_view message)
{
  // The detail is pg_dump's own and in English; the error is the server's, in its language.
  return message.contains("Query was: LOCK TABLE");
}

std::optional<std::string> unreadable_table(std::string_view message)
{
  constexpr std::string_view kBefore = "umping the contents of table \"";
  const std::size_t at = message.find(kBefore);
  if (at == std::string_view::npos) return std::nullopt;
  message.remove_prefix(at + kBefore.size());
  const std::size_t quote = message.find("\" failed");
  if (quote == std::string_view::npos) return std::nullopt;
  return std::string(message.substr(0, quote));
}

}  // namespace ib
