// SPDX-License-Identifier: Apache-2.0
//
// The dumps that a store holds: which there are, and what one says when it is read back.
#pragma once

#include "app/session.hpp"
#include "base/digest.hpp"
#include "postgres/dump_inventory.hpp"
#include "postgres/dump_text.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ib {

/// A dump that was read to its last line: its SHA-256 is the expected one (where there is one), its
/// gzip stream and pg_dump's trailer are whole. What it needs to be restored.
struct CheckedDump {
  std::uint64_t bytes = 0;
  Sha256 sha256;
  std::vector<std::string> extensions;
  DumpInventory inventory;
};
/// Gathers that from a dump's SQL as it passes. One thread at a time.
class DumpCheck {
public:
  Result<> update(ByteView plain_sql);
  /// corrupt unless the dump is whole. `stored` is of the bytes that hold the SQL.
  Result<CheckedDump> finish(const Content& stored) &&;
  const DumpInventory& inventory() const { return inventory_; }

private:
  DumpTrailerCheck trailer_;
  DumpInventory inventory_;
};

/// Reads a dump back from the store to its last line, and hands its SQL to `plain` as it comes, and
/// the bytes of the object to `stored`: nothing of them may be relied on before this has ended
/// well.
Result<CheckedDump> read_stored_dump(const Session& session, const ObjectName& name,
                                     const std::optional<Sha256>& expected, const ByteSink& plain,
                                     const ByteSink& stored = nullptr);
Result<CheckedDump> check_stored_dump(const Session& session, const ObjectName& name,
                                      const std::optional<Sha256>& expected);

}  // namespace ib
