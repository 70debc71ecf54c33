// SPDX-License-Identifier: Apache-2.0
// The options that tell where the database is.
#pragma once

#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "postgres/database_settings.hpp"

#include <optional>
#include <string>

namespace ib {

Options database_options();

/// Absent if no setting names a database.
Result<std::optional<DatabaseSettings>> database_settings(const Settings& settings);

/// Fails if no setting names a database. `way_out` ends the hint: "; or say --no-database ...".
Result<DatabaseSettings> require_database(const Settings& settings, const std::string& way_out);

}  // namespace ib
