// SPDX-License-Identifier: Apache-2.0
#include "cli/public_secrets.hpp"

#include "postgres/address.hpp"

#include <algorithm>

namespace ib {

std::vector<std::string> warnings_about(const CommandLine& line)
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
    for (const std::string_view name :
         {"DB_PASSWORD", "IMMICH_BACKUP_DB_PASSWORD", "GCS_CREDENTIALS"}) {
      const bool secret = std::ranges::any_of(given->second, [&](const std::string& text) {
        return text.starts_with(std::string(name) + "=");
      });
      if (secret) warnings.push_back("--env " + std::string(name) + "=..." + std::string(kPublic));
    }
  }
  return warnings;
}

}  // namespace ib
