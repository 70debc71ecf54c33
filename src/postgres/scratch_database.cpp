// SPDX-License-Identifier: Apache-2.0
#include "postgres/scratch_database.hpp"

#include "postgres/restore.hpp"

#include <array>
#include <chrono>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kMaintenanceDatabase = "postgres";  // every cluster has it

/// Nobody is connected to them, and they are older than any two steps of their owner are apart.
Result<> drop_leftovers(Connection& maintenance, std::string_view prefix, Timestamp now)
{
  const std::array<std::string, 2> range{
      std::string(prefix), std::string(prefix) + format_compact(now - std::chrono::days(2))};
  const Connection::Rows left = TRY(maintenance.query(
      "SELECT pg_catalog.quote_ident(datname) FROM pg_catalog.pg_database d WHERE "
      "pg_catalog.starts_with(datname, $1) AND datname < $2 COLLATE \"C\" AND NOT EXISTS (SELECT "
      "1 FROM pg_catalog.pg_stat_activity a WHERE a.datname = d.datname)",
      range));
  for (const std::string& name : first_column(left))
    TRY(maintenance.query("DROP DATABASE " + name));
  return {};
}

}  // namespace

Result<ScratchDatabase> ScratchDatabase::create(DatabaseAddress address, std::string_view prefix,
                                                Timestamp now, const std::stop_token& stop,
                                                std::string_view encoding)
{
  address.database = kMaintenanceDatabase;
  Connection maintenance = TRY(Connection::open(address, stop, Connection::Access::read_write));
  TRY(drop_leftovers(maintenance, prefix, now));
  address.database = std::string(prefix) + format_compact(now);
  if (!TRY(create_database(maintenance, address.database, encoding))) {
    return fail(Errc::unavailable,
                "another run uses the server at this moment: it has a database " + address.database,
                "Try again later.");
  }
  ScratchDatabase scratch(std::move(address), std::move(maintenance));
  if (TRY(is_superuser(scratch.maintenance_))) {
    if (const Result<> made = scratch.make_role(prefix, now, stop); !made) {
      static_cast<void>(scratch.drop());  // what stays goes with a later create()
      return std::unexpected(made.error());
    }
  }
  return scratch;
}

Result<> ScratchDatabase::make_role(std::string_view prefix, Timestamp now,
                                    const std::stop_token& stop)
{
  admin_.emplace(TRY(Connection::open(address_, stop, Connection::Access::read_write)));
  static_cast<void>(TRY(RestoreRole::remove_leftovers(*admin_, prefix, now)));
  role_ = TRY(RestoreRole::create(*admin_, address_, prefix, now, stop));
  address_ = role_->address();
  return role_->own_database(*admin_);
}

DumpFilter::Server ScratchDatabase::server()
{
  if (admin_) {
    return {
        .extension =
            [this](std::string_view name, std::string_view schema) {
              return provide_extension(*admin_, name, schema);
            },
        .schema = [this](std::string_view name) { return role_->provide_schema(*admin_, name); }};
  }
  return {.extension = [this](std::string_view name,
                              std::string_view) { return find_extension(maintenance_, name, ""); },
          .schema = [](std::string_view) -> Result<bool> { return false; }};
}

Result<> ScratchDatabase::search_extensions(const std::stop_token& stop)
{
  Connection connection = TRY(Connection::open(address_, stop, Connection::Access::read_write));
  std::string path;
  for (const std::string& schema : TRY(schemas_of_extensions(connection))) path += ", " + schema;
  if (path.empty()) return {};
  TRY(connection.query("ALTER DATABASE \"" + address_.database + "\" SET search_path TO public" +
                       path));
  return {};
}

Result<> ScratchDatabase::drop()
{
  admin_.reset();
  TRY(maintenance_.query("DROP DATABASE \"" + address_.database + "\""));
  if (role_) TRY(role_->drop(maintenance_));
  return {};
}

Result<std::vector<std::string>> databases_of(DatabaseAddress address, std::string_view prefix,
                                              const std::stop_token& stop)
{
  address.database = kMaintenanceDatabase;
  Connection maintenance = TRY(Connection::open(address, stop));
  const std::array<std::string, 1> params{std::string(prefix)};
  return first_column(TRY(maintenance.query(
      "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate AND NOT "
      "pg_catalog.starts_with(datname, $1) ORDER BY datname",
      params)));
}

}  // namespace ib
