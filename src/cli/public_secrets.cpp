// SPDX-License-Identifier: Apache-2.0
#include "cli/public_secrets.hpp"

#include "postgres/address.hpp"
#include "sys/file_system.hpp"

#include <algorithm>
#include <optional>

namespace ib {

namespace {

/// The first option in a config file that others may read which holds a password.
std::optional<std::string> public_password(const Settings& settings)
{
  for (const std::string_view name :
       {"db-password", "drill-db-password", "mail-password", "db-url", "drill-db"}) {
    const Setting* setting = settings.find(name);
    if (setting == nullptr || setting->origin != Origin::config_file) continue;
    if (!others_may_read(setting->file)) continue;
    if (name.ends_with("password")) return setting->name;
    const Result<DatabaseAddress> address = parse_database_url(setting->values.front());
    if (address && !address->password.empty()) return setting->name;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> warnings_about(const CommandLine& line, const Settings& settings)
{
  constexpr std::string_view kPublic =
      ": every user of this machine can read the arguments of a program; "
      "set it in the environment instead";
  std::vector<std::string> warnings;
  if (const auto url = line.options.find("db-url"); url != line.options.end()) {
    const Result<DatabaseAddress> address = parse_database_url(url->second.front());
    if (address && !address->password.empty())
      warnings.push_back("--db-url holds a password" + std::string(kPublic));
  }
  if (const auto given = line.options.find("env"); given != line.options.end()) {
    for (const std::string_view name : {"DB_PASSWORD", "IMMICH_BACKUP_DB_PASSWORD",
                                        "IMMICH_BACKUP_MAIL_PASSWORD", "GCS_CREDENTIALS"}) {
      const bool secret = std::ranges::any_of(given->second, [&](const std::string& text) {
        return text.starts_with(std::string(name) + "=");
      });
      if (secret) warnings.push_back("--env " + std::string(name) + "=..." + std::string(kPublic));
    }
  }
  if (const std::optional<std::string> where = public_password(settings))
    warnings.push_back(*where +
                       " is a password, and every user of this machine can read the "
                       "file: `chmod o-r` it");
  return warnings;
}

}  // namespace ib
