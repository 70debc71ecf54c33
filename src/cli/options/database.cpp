// SPDX-License-Identifier: Apache-2.0
#include "cli/options/database.hpp"

namespace ib {
namespace {

/// The names of the options for one database.
struct Names {
  std::string_view url, host, port, user, database, password, password_file, ssl_mode;
};
constexpr Names kImmichs{"db-url",  "db-host",     "db-port",          "db-user",
                         "db-name", "db-password", "db-password-file", "db-ssl-mode"};
constexpr Names kDrills{
    "drill-db",      "drill-db-host",     "drill-db-port",          "drill-db-user",
    "drill-db-name", "drill-db-password", "drill-db-password-file", "drill-db-ssl-mode"};

/// Whether `setting` comes from a stronger source than `other`: it then has the word.
bool stronger(const Setting* setting, const Setting* other)
{
  return setting != nullptr && (other == nullptr || setting->origin < other->origin);
}

/// In a cluster, a Service of the name `db` puts its own address into DB_PORT:
/// https://kubernetes.io/docs/concepts/containers/container-environment/#cluster-information
bool is_a_service_link(const Setting& setting)
{
  return setting.origin == Origin::environment && setting.values.front().starts_with("tcp://");
}

/// Puts single settings over what the URL says, as far as they come from a stronger source than it.
void apply_parts(const Settings& settings, const Names& names, const Setting* url,
                 DatabaseAddress& address)
{
  struct Part {
    std::string_view option;
    std::string DatabaseAddress::*member;
  };
  for (const Part& part :
       {Part{names.host, &DatabaseAddress::host}, Part{names.port, &DatabaseAddress::port},
        Part{names.user, &DatabaseAddress::user},
        Part{names.database, &DatabaseAddress::database}}) {
    const Setting* setting = settings.find(part.option);
    if (stronger(setting, url) && !setting->values.front().empty() && !is_a_service_link(*setting))
      address.*part.member = setting->values.front();
  }
}

Result<std::optional<DatabaseSettings>> settings_of(const Settings& settings, const Names& names,
                                                    std::string_view default_database)
{
  const Setting* url = settings.find(names.url);
  if (url == nullptr && settings.find(names.host) == nullptr) return std::nullopt;
  const Setting* port = settings.find(names.port);
  if (port != nullptr && !is_a_service_link(*port)) TRY(settings.number(names.port, 1, 65535));
  DatabaseSettings database;
  if (url != nullptr) {
    database.address = TRY(parse_database_url(url->values.front()).context(url->name));
  } else {
    database.address.user = "postgres";
    database.address.database = default_database;
  }
  apply_parts(settings, names, url, database.address);
  const std::optional<std::string> ssl_mode = TRY(settings.choice(names.ssl_mode));
  if (ssl_mode && stronger(settings.find(names.ssl_mode), url))
    set_ssl_mode(database.address, *ssl_mode);
  if (database.address.password.empty())
    database.address.password = TRY(read_password(settings, names.password)).value_or("");
  database.client_folder = settings.text("pg-bin").value_or("");
  return database;
}

Option database_option(std::string_view name, std::string_view metavar,
                       std::vector<std::string_view> environment, std::string help)
{
  return {.name = name,
          .metavar = metavar,
          .group = OptionGroup::database,
          .environment = std::move(environment),
          .help = std::move(help)};
}

Option secret(Option option)
{
  option.secret = true;
  return option;
}

Option client_folder_option()
{
  return database_option("pg-bin", "DIR", {},
                         "the folder of pg_dump and psql (default: looks for them)");
}

}  // namespace

Options database_options()
{
  return {
      database_option(kImmichs.url, "URL", {"DB_URL"},
                      "postgresql://USER@HOST:PORT/DATABASE; "
                      "a password in it is safe only in the environment"),
      database_option(kImmichs.host, "HOST", {"DB_HOSTNAME", "DB_HOST"},
                      "the database server, or the folder of its Unix socket"),
      database_option(kImmichs.port, "PORT", {"DB_PORT"}, "default: 5432"),
      database_option(kImmichs.user, "USER", {"DB_USERNAME", "DB_USER"}, "default: postgres"),
      database_option(kImmichs.database, "DATABASE", {"DB_DATABASE_NAME", "DB_NAME"},
                      "default: immich"),
      secret(database_option(
          kImmichs.password, "PASSWORD", {"DB_PASSWORD"},
          "the password; only in the environment or the config file, never on the command line")),
      database_option(kImmichs.password_file, "FILE", {"DB_PASSWORD_FILE"},
                      "a file that holds the password"),
      Option{.name = kImmichs.ssl_mode,
             .metavar = "MODE",
             .group = OptionGroup::database,
             .environment = {"DB_SSL_MODE"},
             .help = "whether the connection is encrypted, and the server's certificate checked "
                     "(default: prefer)",
             .choices = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
      client_folder_option(),
  };
}

Options drill_database_options()
{
  return {
      database_option(kDrills.url, "URL", {"DRILL_DB_URL"},
                      "a PostgreSQL server to restore on, and never Immich's own: "
                      "postgresql://USER@HOST:PORT/postgres "
                      "(default: one is started here where PostgreSQL is installed)"),
      database_option(kDrills.host, "HOST", {"DRILL_DB_HOSTNAME"},
                      "the same in parts: the server, or the folder of its Unix socket"),
      database_option(kDrills.port, "PORT", {"DRILL_DB_PORT"}, "default: 5432"),
      database_option(kDrills.user, "USER", {"DRILL_DB_USERNAME"}, "default: postgres"),
      database_option(kDrills.database, "DATABASE", {"DRILL_DB_DATABASE_NAME"},
                      "default: postgres"),
      secret(database_option(
          kDrills.password, "PASSWORD", {"DRILL_DB_PASSWORD"},
          "the password; only in the environment or the config file, never on the command line")),
      database_option(kDrills.password_file, "FILE", {"DRILL_DB_PASSWORD_FILE"},
                      "a file that holds the password"),
      Option{.name = kDrills.ssl_mode,
             .metavar = "MODE",
             .group = OptionGroup::database,
             .environment = {"DRILL_DB_SSL_MODE"},
             .help = "whether the connection is encrypted, and the server's certificate checked "
                     "(default: prefer)",
             .choices = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
      client_folder_option(),
  };
}

Result<std::optional<DatabaseSettings>> database_settings(const Settings& settings)
{
  return settings_of(settings, kImmichs, "immich");
}

Result<std::optional<DatabaseSettings>> drill_database_settings(const Settings& settings)
{
  return settings_of(settings, kDrills, "postgres");
}

Result<DatabaseSettings> require_database(const Settings& settings, const std::string& way_out)
{
  std::optional<DatabaseSettings> database = TRY(database_settings(settings));
  if (database) return std::move(*database);
  return fail(Errc::invalid, "no database is named",
              "Set DB_HOSTNAME (and DB_PASSWORD) or DB_URL as for Immich" + way_out + ".");
}

}  // namespace ib
