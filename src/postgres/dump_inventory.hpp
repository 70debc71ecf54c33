// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "postgres/dump_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// What a table must hold once a dump is restored.
struct TableRows {
  std::string table;  ///< as SQL writes it: public."user"
  std::uint64_t rows = 0;
  friend bool operator==(const TableRows&, const TableRows&) = default;
};

/// Counts what is in a plain dump of pg_dump's while it goes by, so that what a restore has made of
/// it can be compared. Memory is the names of the tables. One thread at a time.
class DumpInventory {
public:
  void update(ByteView plain_sql);

  /// Each table with data in the dump, also those without a row, in its order.
  const std::vector<TableRows>& tables() const { return tables_; }
  /// Of the server that was dumped: "15.18"; empty where the dump does not say it.
  const std::string& server_version() const { return server_version_; }
  /// 15; absent where the dump does not say it.
  std::optional<int> server_major() const;

private:
  void see(std::string_view line);
  void count(std::string_view data);

  DumpLines lines_;
  bool counting_ = false;
  std::string server_version_;
  std::vector<TableRows> tables_;
};

/// The rows of all of them.
std::uint64_t rows_of(const std::vector<TableRows>& tables);

}  // namespace ib
