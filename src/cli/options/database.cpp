// SPDX-License-Identifier: Apache-2.0
#include "cli/options/database.hpp"

namespace ib {
namespace {

constexpr std::uint64_t kLargestPasswordFile = std::uint64_t{64} * 1024;

/// Whether `setting` comes from a stronger source than `other`, and so replaces it.
bool stronger(const Setting* setting, const Setting* other)
{
  return setting != nullptr && (other == nullptr || setting->origin < other->origin);
}

Result<std::optional<std::string>> password(const Settings& settings)
{
  const Setting* value = settings.find("db-password");
  const Setting* file = settings.find("db-password-file");
  if (file == nullptr || (value != nullptr && !stronger(file, value)))
    return settings.text("db-password");
  std::string text = TRY(read_configured_file(*file, kLargestPasswordFile));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty()) return fail(Errc::invalid, file->name + ": this file is empty");
  return text;
}

Result<> check_port(const Settings& settings)
{
  TRY(settings.number("db-port", 1, 65535));
  return {};
}

/// Replaces parts of the URL by single settings, if these come from a stronger source than the URL.
void apply_parts(const Settings& settings, const Setting* url, DatabaseAddress& address)
{
  struct Part {
    std::string_view option;
    std::string DatabaseAddress::*member;
  };
  for (const Part& part :
       {Part{"db-host", &DatabaseAddress::host}, Part{"db-port", &DatabaseAddress::port},
        Part{"db-user", &DatabaseAddress::user}, Part{"db-name", &DatabaseAddress::database}}) {
    const Setting* setting = settings.find(part.option);
    if (stronger(setting, url) && !setting->values.front().empty())
      address.*part.member = setting->values.front();
  }
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

}  // namespace

Options database_options()
{
  Option password = database_option(
      "db-password", "PASSWORD", {"DB_PASSWORD"},
      "the password; only in the environment or the config file, never on the command line");
  password.secret = true;
  return {
      database_option("db-url", "URL", {"DB_URL"},
                      "postgresql://USER@HOST:PORT/DATABASE; "
                      "a password in it is safe only in the environment"),
      database_option("db-host", "HOST", {"DB_HOSTNAME", "DB_HOST"},
                      "the database server, or the folder of its Unix socket"),
      database_option("db-port", "PORT", {"DB_PORT"}, "default: 5432"),
      database_option("db-user", "USER", {"DB_USERNAME", "DB_USER"}, "default: postgres"),
      database_option("db-name", "DATABASE", {"DB_DATABASE_NAME", "DB_NAME"}, "default: immich"),
      password,
      database_option("db-password-file", "FILE", {"DB_PASSWORD_FILE"},
                      "a file that holds the password"),
      database_option("pg-bin", "DIR", {},
                      "the folder of pg_dump and psql (default: looks for them)"),
  };
}

Result<std::optional<DatabaseSettings>> database_settings(const Settings& settings)
{
  const Setting* url = settings.find("db-url");
  if (url == nullptr && settings.find("db-host") == nullptr) return std::nullopt;
  TRY(check_port(settings));
  DatabaseSettings database;
  if (url != nullptr) {
    database.address = TRY(parse_database_url(url->values.front()).context(url->name));
  } else {
    database.address.user = "postgres";
    database.address.database = "immich";
  }
  apply_parts(settings, url, database.address);
  if (database.address.password.empty())
    database.address.password = TRY(password(settings)).value_or("");
  database.client_folder = settings.text("pg-bin").value_or("");
  return database;
}

Result<DatabaseSettings> require_database(const Settings& settings, const std::string& way_out)
{
  std::optional<DatabaseSettings> database = TRY(database_settings(settings));
  if (database) return std::move(*database);
  return fail(Errc::invalid, "no database is named",
              "Set DB_HOSTNAME (and DB_PASSWORD) or DB_URL as for Immich" + way_out + ".");
}

}  // namespace ib
