// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "postgres/address.hpp"
#include "postgres/connection.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

struct DumpOutcome {
  std::uint64_t bytes = 0;              ///< of plain SQL
  std::vector<std::string> extensions;  ///< a restore needs these
};

struct DumpOptions {
  std::vector<std::string> without_data_of = {};  ///< "public.smart_search": without their rows
  /// pg_dump sees what the session sees that exported it, which must hold the snapshot until
  /// dump_database() returns. Empty: what is there when it begins.
  std::string snapshot = {};
  /// Empty: the database's own. UTF8 can be restored into any database but one that cannot hold it.
  std::string encoding = "UTF8";
  std::chrono::milliseconds lock_wait = kLockWait;  ///< for each lock of a table
};

/// Runs `pg_dump` (a path, see find_client) and passes its plain SQL to the sink. Succeeds only if
/// pg_dump ended with status 0 and wrote its last line. Until then the sink's bytes must not count
/// as a dump, because pg_dump may fail half-way.
///
/// The error is `corrupt` if the dump has no last line, `invalid` if pg_dump is older than the
/// server, `denied` or `unavailable` as for a connection, and io otherwise. An error of the sink is
/// returned unchanged.
Result<DumpOutcome> dump_database(const std::string& pg_dump, const DatabaseAddress& address,
                                  const ByteSink& plain_sql, const std::stop_token& stop,
                                  const DumpOptions& options = {});

/// The tables and sequences that a dump reads and the role may not, as it must: "public.asset".
Result<std::vector<std::string>> tables_without_select(Connection& connection);

/// The table of public that pg_dump failed to read, if its error message names one. Why it cannot
/// be read has to be asked of the server: pg_dump repeats its words in the server's language.
std::optional<std::string> unreadable_table(std::string_view message);

/// Whether pg_dump failed since it did not get a lock of a table: it waited too long, or may not
/// read the table.
bool failed_to_lock(std::string_view message);

}  // namespace ib
