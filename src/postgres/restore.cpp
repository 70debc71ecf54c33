// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore.hpp"

#include "base/text.hpp"
#include "postgres/client_tools.hpp"
#include "sys/system.hpp"

#include <array>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kTokenBytes = 16;

// Objects of an extension have a dependency of type 'e' on it. A table's row type and all array
// types belong to another object and are not counted again.
constexpr const char* kCountObjects = R"(
WITH schemas AS (
  SELECT oid FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), owned AS (
  SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
), relations AS (
  SELECT c.relname, c.relkind FROM pg_catalog.pg_class c
  WHERE c.relnamespace IN (SELECT oid FROM schemas) AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    AND ('pg_catalog.pg_class'::pg_catalog.regclass, c.oid) NOT IN (SELECT classid, objid FROM owned)
), types AS (
  SELECT t.oid FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
  WHERE t.typnamespace IN (SELECT oid FROM schemas) AND t.typcategory <> 'A' AND (c.oid IS NULL OR c.relkind = 'c')
    AND ('pg_catalog.pg_type'::pg_catalog.regclass, t.oid) NOT IN (SELECT classid, objid FROM owned)
), functions AS (
  SELECT p.oid FROM pg_catalog.pg_proc p
  WHERE p.pronamespace IN (SELECT oid FROM schemas)
    AND ('pg_catalog.pg_proc'::pg_catalog.regclass, p.oid) NOT IN (SELECT classid, objid FROM owned)
)
SELECT (SELECT count(*) FROM relations WHERE relkind IN ('r', 'p', 'f')),
       (SELECT count(*) FROM relations WHERE relkind NOT IN ('r', 'p', 'f'))
         + (SELECT count(*) FROM types) + (SELECT count(*) FROM functions))";

constexpr const char* kFittings = R"(
SELECT text FROM (
  SELECT 'extension ' || extname AS text FROM pg_catalog.pg_extension
  UNION ALL SELECT 'schema ' || nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_'
  UNION ALL SELECT 'the setting ' || c.text FROM pg_catalog.pg_db_role_setting s
    CROSS JOIN pg_catalog.unnest(s.setconfig) AS c(text)
    LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
  WHERE d.datname = pg_catalog.current_database() OR (s.setdatabase = 0 AND r.rolname = current_user)
  UNION ALL SELECT 'large objects' FROM pg_catalog.pg_largeobject_metadata HAVING count(*) > 0
) fittings ORDER BY text COLLATE "C")";

std::string_view line_after(std::string_view text, std::string_view before)
{
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + before.size());
  return text.substr(0, text.find('\n'));
}

/// Of what psql says with VERBOSITY=verbose. A column's value that looks like it is quoted behind.
std::optional<Refusal> refusal_in(std::string_view complaint)
{
  constexpr std::size_t kCodeLength = 5;
  const std::string_view error = line_after(complaint, "ERROR:  ");
  if (error.size() < kCodeLength + 1 || error[kCodeLength] != ':') return std::nullopt;
  Refusal refusal{.sqlstate = std::string(error.substr(0, kCodeLength)),
                  .table = std::string(line_after(complaint, "\nTABLE NAME:  "))};
  if (refusal.table.empty()) {
    const std::string_view context = line_after(complaint, "\nCONTEXT:  COPY ");
    refusal.table = context.substr(0, context.find(", line "));
  }
  return refusal;
}

}  // namespace

bool is_table_called(std::string_view sql_name, std::string_view name)
{
  if (sql_name.ends_with('"')) {
    sql_name.remove_suffix(1);
    return sql_name.ends_with(name) && sql_name.size() > name.size() &&
           sql_name[sql_name.size() - name.size() - 1] == '"';
  }
  return sql_name.substr(sql_name.rfind('.') + 1) == name;
}

Result<> require_empty_database(Connection& connection)
{
  const auto rows = TRY(connection.query(kCountObjects));
  const std::uint64_t tables = count_in(rows.at(0).at(0));
  const std::uint64_t others = count_in(rows.at(0).at(1));
  if (tables + others == 0) return {};
  std::string found = count_of(tables, "table", "tables");
  if (others > 0) found += " and " + count_of(others, "other object", "other objects");
  return fail(
      Errc::invalid, "database " + connection.description() + " is not empty: it holds " + found,
      "Create a new database (createdb NAME) and restore into that. Or, if you no longer need "
      "anything in this one, stop Immich and empty it: psql -c 'DROP SCHEMA public CASCADE; "
      "CREATE SCHEMA public'.");
}

Result<std::vector<std::string>> list_fittings(Connection& connection)
{
  std::vector<std::string> fittings;
  for (const Connection::Row& row : TRY(connection.query(kFittings)))
    fittings.push_back(row.at(0).value_or(""));
  return fittings;
}

Result<std::vector<std::string>> missing_extensions(Connection& connection,
                                                    std::span<const std::string> extensions)
{
  std::vector<std::string> missing;
  for (const std::string& extension : extensions) {
    const std::array<std::string, 1> params{extension};
    const auto rows = TRY(connection.query(
        "SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = $1", params));
    if (rows.empty()) missing.push_back(extension);
  }
  return missing;
}

Result<std::vector<std::string>> other_sessions(Connection& connection)
{
  // A role without privileges sees only how many sessions there are, not whose.
  constexpr const char* kSessions = R"(
SELECT 'PID ' || pid || ', ' || coalesce(nullif(application_name, ''), 'a program')
    || coalesce(' from ' || pg_catalog.host(client_addr), '') || coalesce(' as ' || usename, '')
FROM pg_catalog.pg_stat_activity
WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
  AND coalesce(backend_type, 'client backend') = 'client backend'
ORDER BY pid)";
  constexpr int kAttempts = 20;
  std::vector<std::string> sessions;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    sessions.clear();
    for (const Connection::Row& row : TRY(connection.query(kSessions)))
      sessions.push_back(printable(row.at(0).value_or("")));
    if (sessions.empty()) break;
    TRY(connection.query("SELECT pg_catalog.pg_sleep(0.1), pg_catalog.pg_stat_clear_snapshot()"));
  }
  return sessions;
}

Result<bool> create_database(Connection& connection, const std::string& name,
                             std::string_view encoding)
{
  const std::array<std::string, 1> params{name};
  const auto there =
      TRY(connection.query("SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1", params));
  if (!there.empty()) return false;
  const auto quoted = TRY(connection.query("SELECT pg_catalog.quote_ident($1)", params));
  // From template0, because template1 may hold extensions or tables that somebody wants in all
  // databases.
  const bool without_meaning = encoding == kNoEncoding;
  const std::string create = "CREATE DATABASE " + quoted.at(0).at(0).value_or("") +
                             " TEMPLATE template0 ENCODING '" +
                             std::string(without_meaning ? kNoEncoding : "UTF8") + "'";
  constexpr std::string_view kAnyLocale = " LC_COLLATE 'C' LC_CTYPE 'C'";
  Result<Connection::Rows> created =
      connection.query(create + std::string(without_meaning ? kAnyLocale : ""));
  // The server's own locale may be of another encoding.
  if (!created && created.error().code == Errc::io && !without_meaning)
    created = connection.query(create + std::string(kAnyLocale));
  TRY(std::move(created));
  return true;
}

Result<> drop_database(Connection& connection, const std::string& name)
{
  const std::array<std::string, 1> params{name};
  const auto quoted = TRY(connection.query("SELECT pg_catalog.quote_ident($1)", params));
  const std::string drop = "DROP DATABASE " + quoted.at(0).at(0).value_or("");
  constexpr int kTries = 50;
  for (int i = 1;; ++i) {
    const auto dropped = connection.query(drop);
    if (dropped) return {};
    // In use, by a session that is ending.
    if (dropped.error().code != Errc::io || i == kTries) return std::unexpected(dropped.error());
    TRY(connection.query("SELECT pg_catalog.pg_sleep(0.1)"));
  }
}

Result<std::vector<std::string>> schemas_of_extensions(Connection& connection)
{
  return first_column(TRY(connection.query(
      "SELECT DISTINCT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension e JOIN "
      "pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname NOT IN ('public', "
      "'pg_catalog') ORDER BY 1")));
}

Result<> search_extensions(Connection& connection)
{
  std::string path = "public";
  for (const std::string& schema : TRY(schemas_of_extensions(connection))) path += ", " + schema;
  const std::array<std::string, 1> params{path};
  TRY(connection.query("SELECT pg_catalog.set_config('search_path', $1, false)", params));
  return {};
}

Result<std::vector<RowDifference>> compare_rows(Connection& connection,
                                                std::span<const TableRows> tables)
{
  std::vector<RowDifference> differences;
  for (const TableRows& wanted : tables) {
    const std::array<std::string, 1> params{wanted.table};
    const auto there =
        TRY(connection.query("SELECT pg_catalog.to_regclass($1) IS NOT NULL", params));
    std::optional<std::uint64_t> found;
    if (there.at(0).at(0) == "t")
      found =
          count_in(TRY(connection.query("SELECT count(*) FROM ONLY " + wanted.table)).at(0).at(0));
    if (found != wanted.rows) differences.push_back({.wanted = wanted, .found = found});
  }
  return differences;
}

DatabaseRestore::DatabaseRestore(Subprocess process, std::string token)
    : process_(std::move(process)), token_(std::move(token))
{}

Result<DatabaseRestore> DatabaseRestore::start(const std::string& psql,
                                               const DatabaseAddress& address,
                                               const std::stop_token& stop,
                                               const std::string& first)
{
  TRY(require_restrict(psql, TRY(client_version(psql, stop))));
  Subprocess process =
      TRY(Subprocess::start({.argv = {psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-v",
                                      "VERBOSITY=verbose", "--no-password"},
                             .environment = client_environment(address)},
                            stop));
  DatabaseRestore restore(std::move(process), random_hex(kTokenBytes));
  // psql's --single-transaction would not do: it commits at the end of input, which psql also sees
  // if this process dies. psql keeps the transaction's id where no statement reaches it.
  TRY(restore.send(bytes_of("BEGIN;\n" + first +
                            "SELECT pg_catalog.txid_current() AS transaction \\gset\n"
                            "\\restrict " +
                            restore.token_ + "\n")));
  return restore;
}

Error DatabaseRestore::ended(const Exit& exit)
{
  refusal_ = refusal_in(exit.stderr_tail);
  const std::string complaint = client_complaint(exit.stderr_tail);
  Error error{.code = Errc::io,
              .message = "restoring with psql: exit status " + std::to_string(exit.status) + ": " +
                         complaint};
  if (complaint.contains("backslash commands are restricted") ||
      complaint.contains("unrestrict: wrong key")) {
    error.code = Errc::corrupt;
    error.message =
        "the dump holds a command for psql, which no dump of pg_dump does: " + complaint;
    error.hint = "It was not run. Find out who wrote the dump.";
  } else if (complaint.contains("password authentication failed") ||
             complaint.contains("permission denied")) {
    error.code = Errc::denied;
    error.hint =
        "The user needs to own the database, and to be a superuser if the dump creates extensions "
        "that only such a user may create.";
  } else if (complaint.contains("connection to server") ||
             complaint.contains("terminating connection")) {
    error.code = Errc::unavailable;
  } else if (complaint.contains("is not available") ||
             complaint.contains("extension control file")) {
    error.code = Errc::invalid;
    error.hint =
        "Install the extension on the server, or use the database image of the Immich release.";
  }
  return error;
}

Result<> DatabaseRestore::send(ByteView bytes)
{
  Result<> sent = process_.write(bytes);
  if (sent || sent.error().code != Errc::io) return sent;
  // psql stopped at an error. That error says more than our broken pipe.
  return std::unexpected(ended(TRY(process_.finish())));
}

Result<> DatabaseRestore::write(ByteView plain_sql)
{
  TRY(check_.update(plain_sql));
  return rewriter_.write(plain_sql, [this](ByteView bytes) { return send(bytes); });
}

Result<> DatabaseRestore::commit()
{
  TRY(check_.require_complete());
  TRY(rewriter_.finish([this](ByteView bytes) { return send(bytes); }));
  // psql also ends with status 0 if it took our COMMIT for a part of a string. Only its answer to
  // the next statement proves the commit.
  TRY(send(bytes_of("\\unrestrict " + token_ +
                    "\nSELECT pg_catalog.txid_current() = :transaction AS whole \\gset\n"
                    "\\if :whole\nCOMMIT;\nSELECT 'committed " +
                    token_ + "';\n\\else\nSELECT 'not whole " + token_ + "';\n\\endif\n")));
  process_.close_stdin();

  std::string said;
  std::array<std::byte, 4096> buffer;
  while (const std::size_t n = TRY(process_.read(buffer))) {
    said += text_of(ByteView(buffer).first(n));
    constexpr std::size_t kKept = 256;
    if (said.size() > kKept) said.erase(0, said.size() - kKept);
  }
  const Exit exit = TRY(process_.finish());
  if (exit.status != 0) return std::unexpected(ended(exit));
  if (said.ends_with("committed " + token_ + "\n")) return {};
  if (said.ends_with("not whole " + token_ + "\n"))
    return fail(Errc::corrupt,
                "restoring with psql: the dump ended the transaction itself, which no dump of "
                "pg_dump does");
  return fail(Errc::corrupt, "restoring with psql: the dump ended inside a statement");
}

}  // namespace ib
