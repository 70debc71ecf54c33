// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "postgres/address.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

struct DumpOutcome {
  std::uint64_t bytes = 0;              ///< of plain SQL
  std::vector<std::string> extensions;  ///< that a restore needs
};

/// Runs `pg_dump` (a path, see find_client) and hands its plain SQL to the sink. Succeeds only if
/// pg_dump has ended with status 0 and its last line was there; until then what the sink has taken
/// must not count as a dump, since pg_dump may die half way. The tables in `without_data_of`
/// ("public.smart_search") are dumped empty. With the `snapshot` that another session has exported,
/// and holds until this has ended, it sees what that session sees.
///
/// The error is `corrupt` for a dump without its last line or a table that cannot be read (see
/// unreadable_table), `invalid` where pg_dump is older than the server, `denied` and `unavailable`
/// as for a connection, else io; a sink's error is returned as it is.
Result<DumpOutcome> dump_database(const std::string& pg_dump, const DatabaseAddress& address,
                                  const ByteSink& plain_sql, const std::stop_token& stop,
                                  std::span<const std::string> without_data_of = {},
                                  const std::string& snapshot = {});

/// The table whose contents pg_dump failed to read, if that is what the message of its error says.
/// Where that is a table which Immich makes again, dumping without its data saves the rest.
std::optional<std::string> unreadable_table(std::string_view message);

}  // namespace ib
