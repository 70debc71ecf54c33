// SPDX-License-Identifier: Apache-2.0
// Reads the rows of a plain dump as it passes. So a dump answers questions without a server.
#pragma once

#include "base/time.hpp"
#include "postgres/dump_text.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// A table, as the header of its data describes it: COPY public."user" (id, email, ...) FROM stdin;
struct DumpTable {
  std::string schema;
  std::string name;
  std::vector<std::string> columns;  ///< in the order of each row's cells

  /// The position of a column. Absent if the table does not have it.
  std::optional<std::size_t> column(std::string_view name) const;
};

/// Parses a line of SQL that begins COPY data. Absent for every other line.
std::optional<DumpTable> parse_copy_header(std::string_view line);

/// The cells of a row as the dump writes them, one per column. copy_value() decodes them.
using CopyCells = std::span<const std::string_view>;

/// The value of a cell, without escapes. Absent: NULL.
std::optional<std::string> copy_value(std::string_view cell);

/// Parses a time as pg_dump writes it, "2021-07-04 10:00:00.5+02", and rounds it down to the
/// second. Absent for NULL, infinity and years that a Timestamp cannot name.
std::optional<Timestamp> parse_copy_timestamp(std::string_view cell);

/// Splits a row of COPY data, without its newline, into `cells`.
void split_copy_row(std::string_view row, std::vector<std::string_view>& cells);

/// Passes on the rows of the wanted tables. The dump may come in chunks of any size. Holds one row
/// in memory; a row may have at most 16 MiB. One thread at a time.
class DumpRows {
public:
  using RowSink = std::function<Result<>(CopyCells)>;
  /// Called once at the beginning of each table's data. Returns an empty sink if the table is not
  /// wanted.
  using TableSink = std::function<Result<RowSink>(const DumpTable&)>;

  explicit DumpRows(TableSink tables) : tables_(std::move(tables)) {}

  /// corrupt if the number of cells in a wanted row differs from the table's columns. An error of a
  /// sink ends the stream.
  Result<> write(ByteView plain_sql);

private:
  Result<> begin_table(std::string_view line);
  Result<> take_data(std::string_view data);
  Result<> take_row(std::string_view row);

  TableSink tables_;
  DumpLines lines_;
  std::optional<DumpTable> table_;  // the table whose data passes now, if it is wanted
  RowSink sink_;
  std::string open_row_;
  std::vector<std::string_view> cells_;
};

}  // namespace ib
