// SPDX-License-Identifier: Apache-2.0
//
// Where the database is.
#pragma once

#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "postgres/database_settings.hpp"

#include <optional>
#include <string>

namespace ib {

Options database_options();

/// Absent where nobody names one.
Result<std::optional<DatabaseSettings>> database_settings(const Settings& settings);

/// For a command that needs one. `way_out` ends the hint: "; or say --no-database ...".
Result<DatabaseSettings> require_database(const Settings& settings, const std::string& way_out);

}  // namespace ib
