// SPDX-License-Identifier: Apache-2.0
//
// The dumps that a store holds: which there are, and what one says when it is read back.
#pragma once

#include "app/session.hpp"
#include "postgres/dump_inventory.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

/// Reads a dump back from the store to its last line: its SHA-256 must be `expected` (where given),
/// its gzip stream and pg_dump's trailer whole. What it needs to be restored.
struct CheckedDump {
  std::uint64_t bytes = 0;
  Sha256 sha256;
  std::vector<std::string> extensions;
  DumpInventory inventory;
};
/// The same, and hands its SQL to `plain` as it comes, and the bytes of the object to `stored`:
/// nothing of them may be relied on before this has ended well.
Result<CheckedDump> read_stored_dump(const Session& session, const ObjectName& name,
                                     const std::optional<Sha256>& expected, const ByteSink& plain,
                                     const ByteSink& stored = nullptr);
Result<CheckedDump> check_stored_dump(const Session& session, const ObjectName& name,
                                      const std::optional<Sha256>& expected);

}  // namespace ib
