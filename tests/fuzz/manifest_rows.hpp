// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/fuzz.hpp"

#include <string>
#include <string_view>

struct sqlite3;

namespace ib::fuzz {

/// Opens an SQLite file that is there. The caller closes it.
sqlite3* open_sqlite(const std::string& file);
/// Runs statements that cannot fail.
void run_sql(sqlite3* db, std::string_view sql);
/// Puts a row into `table`, each of whose columns has whatever kind of value the input has next. A
/// row that SQLite refuses is left out.
void insert_row(sqlite3* db, Input& input, std::string_view table, int columns);

}  // namespace ib::fuzz
