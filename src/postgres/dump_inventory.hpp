// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "postgres/dump_text.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// A table and the number of rows that it must have after a restore.
struct TableRows {
  std::string table;  ///< as SQL writes it: public."user"
  std::uint64_t rows = 0;
  friend bool operator==(const TableRows&, const TableRows&) = default;
};

/// Counts the rows in a plain dump of pg_dump as it passes, so that a caller can compare them with
/// a restored database. Holds only the names of the tables in memory. One thread at a time.
class DumpInventory {
public:
  /// corrupt if it names too many tables.
  Result<> update(ByteView plain_sql);

  /// Each table that the dump creates and has data of, also those without a row, in its order. What
  /// it puts into the tables of an extension is the extension's own matter.
  const std::vector<TableRows>& tables() const { return tables_; }
  /// The version of the dumped server: "15.18". Empty if the dump does not tell it.
  const std::string& server_version() const { return server_version_; }
  /// Of its text: "UTF8". Empty if the dump does not tell it.
  const std::string& encoding() const { return encoding_; }
  /// The major version: 15. Absent if the dump does not tell it.
  std::optional<int> server_major() const;

private:
  Result<> see(std::string_view line);
  void count(std::string_view data);

  DumpLines lines_;
  bool counting_ = false;
  std::string server_version_;
  std::string encoding_;
  std::set<std::string, std::less<>> created_;
  std::vector<TableRows> tables_;
  std::size_t names_ = 0;  // bytes
};

/// The sum of the rows of all tables.
std::uint64_t rows_of(const std::vector<TableRows>& tables);

}  // namespace ib
