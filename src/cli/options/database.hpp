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

/// The server that a drill restores on, and nothing else does.
Options drill_database_options();

/// Absent where nobody names one: a server is then started.
Result<std::optional<DatabaseSettings>> drill_database_settings(const Settings& settings);

/// For a command that needs one. `way_out` ends the hint: "; or say --no-database ...".
Result<DatabaseSettings> require_database(const Settings& settings, const std::string& way_out);

}  // namespace ib
