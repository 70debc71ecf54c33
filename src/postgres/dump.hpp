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
  std::vector<std::string> extensions;  ///< a restore needs these
};

/// Runs `pg_dump` (a path, see find_client) and passes its plain SQL to the sink. Succeeds only if
/// pg_dump ended with status 0 and wrote its last line. Until then the sink's bytes must not count
/// as a dump, because pg_dump may fail half-way. Tables in `without_data_of`
/// ("public.smart_search") are dumped without their rows. With a `snapshot`, pg_dump sees what the
/// session sees that exported it. That session must hold the snapshot until this call returns.
///
/// The error is `corrupt` if the dump has no last line or a table cannot be read (see
/// unreadable_table), `invalid` if pg_dump is older than the server, `denied` or `unavailable` as
/// for a connection, and io otherwise. An error of the sink is returned unchanged.
Result<DumpOutcome> dump_database(const std::string& pg_dump, const DatabaseAddress& address,
                                  const ByteSink& plain_sql, const std::stop_token& stop,
                                  std::span<const std::string> without_data_of = {},
                                  const std::string& snapshot = {});

/// The table that pg_dump failed to read, if its error message names one. If Immich can make the
/// rows of this table again, a dump without them saves the rest.
std::optional<std::string> unreadable_table(std::string_view message);

}  // namespace ib
