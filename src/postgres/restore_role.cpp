// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore_role.hpp"

#include "base/text.hpp"
#include "sys/system.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kPasswordBytes = 24;
constexpr std::size_t kNameBytes = 4;

Result<std::string> quoted(Connection& connection, std::string_view function,
                           const std::string& text)
{
  const std::array<std::string, 1> params{text};
  const auto rows =
      TRY(connection.query("SELECT pg_catalog." + std::string(function) + "($1)", params));
  return rows.at(0).at(0).value_or("");
}

/// Whether a schema is the server's own: no dump fills one.
bool is_the_systems(std::string_view schema)
{
  return schema.starts_with("pg_") || schema == "information_schema";
}

/// The database that `admin` is connected to, quoted.
Result<std::string> this_database(Connection& admin)
{
  const auto rows =
      TRY(admin.query("SELECT pg_catalog.quote_ident(pg_catalog.current_database())"));
  return rows.at(0).at(0).value_or("");
}

}  // namespace

Result<std::string> RestoreRole::remove_leftovers(Connection& admin, std::string_view prefix,
                                                  Timestamp now)
{
  // One that is young and owns nothing may be another process's, which is about to use it.
  const std::array<std::string, 2> params{
      std::string(prefix), std::string(prefix) + format_compact(now - std::chrono::days(2))};
  const auto left = TRY(admin.query(
      "SELECT pg_catalog.quote_ident(rolname), owns FROM pg_catalog.pg_roles r, LATERAL (SELECT "
      "EXISTS (SELECT 1 FROM pg_catalog.pg_shdepend d JOIN pg_catalog.pg_database b ON b.oid = "
      "d.dbid WHERE d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND d.refobjid = "
      "r.oid AND d.deptype = 'o' AND b.datname = "
      "pg_catalog.current_database()) AS owns) o WHERE pg_catalog.starts_with(rolname, $1) AND NOT "
      "EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity a WHERE a.usename = rolname) AND (rolname "
      "< $2 COLLATE \"C\" OR owns)",
      params));
  std::string owner;
  for (const Connection::Row& row : left) {
    const std::string role = row.at(0).value_or("");
    if (row.at(1) == "t") {
      owner = role;
    } else {
      // Fails for one that owns something in another database.
      std::string drop = "DO $immich_backup$ BEGIN DROP OWNED BY ";
      drop.append(role).append("; DROP ROLE ").append(role).append("; END $immich_backup$");
      static_cast<void>(admin.query(drop));
    }
  }
  return owner;
}

Result<bool> is_superuser(Connection& connection)
{
  const auto rows = TRY(
      connection.query("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user"));
  return !rows.empty() && rows.front().at(0) == "t";
}

Result<DumpFilter::Extension> find_extension(Connection& connection, std::string_view name,
                                             std::string_view schema)
{
  const std::array<std::string, 1> params{std::string(name)};
  const auto there = TRY(connection.query(
      "SELECT n.nspname FROM pg_catalog.pg_available_extensions a LEFT JOIN "
      "pg_catalog.pg_extension e ON e.extname = a.name LEFT JOIN pg_catalog.pg_namespace n ON "
      "n.oid = e.extnamespace WHERE a.name = $1",
      params));
  const std::string found = there.empty() ? "" : there.front().at(0).value_or("");
  const bool is_there = !found.empty();
  if (is_there && !schema.empty() && found != schema && schema_of_extension(name)) {
    return fail(Errc::invalid,
                "the database has the extension " + std::string(name) + " in the schema " +
                    printable(found) + ", and the dump needs it in " + printable(schema),
                "As a superuser in this database: ALTER EXTENSION " +
                    TRY(quoted(connection, "quote_ident", std::string(name))) + " SET SCHEMA " +
                    printable(TRY(quoted(connection, "quote_ident", std::string(schema)))) +
                    "; (after CREATE SCHEMA, if there is none of that name).");
  }
  if (there.empty() || (!is_there && !schema_of_extension(name)))
    return DumpFilter::Extension::missing;
  return is_there ? DumpFilter::Extension::there : DumpFilter::Extension::by_dump;
}

Result<DumpFilter::Extension> provide_extension(Connection& admin, std::string_view name,
                                                std::string_view schema)
{
  const DumpFilter::Extension found = TRY(find_extension(admin, name, schema));
  if (found != DumpFilter::Extension::by_dump) return found;
  const std::optional<std::string_view> usual = schema_of_extension(name);
  if (!usual || is_the_systems(schema)) return DumpFilter::Extension::missing;
  const std::string where = *usual == name ? "" : std::string(schema.empty() ? *usual : schema);
  std::string create =
      "CREATE EXTENSION IF NOT EXISTS " + TRY(quoted(admin, "quote_ident", std::string(name)));
  if (!where.empty()) create += " WITH SCHEMA " + TRY(quoted(admin, "quote_ident", where));
  TRY(admin.query(create));
  return DumpFilter::Extension::there;
}

Result<bool> find_schema(Connection& connection, std::string_view name)
{
  const std::array<std::string, 1> params{std::string(name)};
  return !TRY(connection.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", params))
              .empty();
}

Result<bool> RestoreRole::provide_schema(Connection& admin, std::string_view name) const
{
  if (is_the_systems(name)) return false;
  if (name == "public") return true;
  const std::string schema = TRY(quoted(admin, "quote_ident", std::string(name)));
  TRY(admin.query(TRY(find_schema(admin, name))
                      ? "GRANT USAGE ON SCHEMA " + schema + " TO " + quoted_name_
                      : "CREATE SCHEMA " + schema + " AUTHORIZATION " + quoted_name_));
  return true;
}

Result<RestoreRole> RestoreRole::create(Connection& admin, const DatabaseAddress& database,
                                        std::string_view prefix, Timestamp now,
                                        const std::stop_token& stop)
{
  DatabaseAddress address = database;
  address.user = std::string(prefix) + format_compact(now) + "_" + random_hex(kNameBytes);
  address.password = random_hex(kPasswordBytes);
  const std::string secret = TRY(admin.encrypted_password(address.user, address.password));
  const std::string role = TRY(quoted(admin, "quote_ident", address.user));
  TRY(admin.query("CREATE ROLE " + role +
                  " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD " +
                  TRY(quoted(admin, "quote_literal", secret))));
  TRY(admin.query("GRANT CREATE, TEMPORARY ON DATABASE " + TRY(this_database(admin)) + " TO " +
                  role));
  TRY(admin.query("GRANT USAGE, CREATE ON SCHEMA public TO " + role));
  RestoreRole made(std::move(address), role);
  if (Result<> in = made.log_in(stop); !in) {
    static_cast<void>(made.hand_over(admin));
    return std::unexpected(std::move(in).error());
  }
  return made;
}

/// By a socket, many servers let in only a role of the same name as the system's user ("peer").
Result<> RestoreRole::log_in(const std::stop_token& stop)
{
  Result<Connection> in = Connection::open(address_, stop);
  const bool by_socket = address_.host.empty() || address_.host.starts_with('/');
  if (!in && in.error().code == Errc::denied && by_socket) {
    DatabaseAddress over_tcp = address_;
    over_tcp.host = "127.0.0.1";
    if (Connection::open(over_tcp, stop)) {
      address_ = std::move(over_tcp);
      return {};
    }
  }
  if (in) return {};
  Error error = in_context("a dump is restored as a role of its own", in.error());
  if (error.code == Errc::denied)
    error.hint =
        "The server has to let roles in by a password: by an entry in its pg_hba.conf such as "
        "`host all all samehost scram-sha-256`, and over TCP.";
  return std::unexpected(std::move(error));
}

Result<> RestoreRole::own_database(Connection& admin)
{
  TRY(admin.query("ALTER DATABASE " + TRY(this_database(admin)) + " OWNER TO " + quoted_name_));
  TRY(admin.query("ALTER SCHEMA public OWNER TO " + quoted_name_));
  return {};
}

Result<> RestoreRole::hand_over(Connection& admin)
{
  // In one statement, and so in one transaction.
  TRY(admin.query("DO $immich_backup$ BEGIN " + TRY(sql_to_hand_over(admin)) +
                  " END $immich_backup$"));
  return {};
}

Result<> RestoreRole::close(Connection& admin)
{
  TRY(admin.query("ALTER ROLE " + quoted_name_ + " NOLOGIN"));
  return {};
}

Result<std::string> RestoreRole::sql_to_hand_over(Connection& admin) const
{
  const auto owner =
      TRY(admin.query("SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(datdba)) FROM "
                      "pg_catalog.pg_database WHERE datname = pg_catalog.current_database()"));
  return "REASSIGN OWNED BY " + quoted_name_ + " TO " + owner.at(0).at(0).value_or("") +
         "; DROP OWNED BY " + quoted_name_ + "; DROP ROLE " + quoted_name_ + ";";
}

Result<> RestoreRole::drop(Connection& maintenance)
{
  TRY(maintenance.query("DROP ROLE " + quoted_name_));
  return {};
}

}  // namespace ib
