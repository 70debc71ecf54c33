// SPDX-License-Identifier: Apache-2.0
//
// The rows of a plain dump, read as it goes by: answers from a dump need no server.
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

/// A table as the header of its data names it: COPY public."user" (id, email, ...) FROM stdin;
struct DumpTable {
  std::string schema;
  std::string name;
  std::vector<std::string> columns;  ///< in the order of each row's cells

  /// Where a column stands; absent: there is none of that name.
  std::optional<std::size_t> column(std::string_view name) const;
};

/// The table of a line of SQL that begins COPY data; absent for every other line.
std::optional<DumpTable> parse_copy_header(std::string_view line);

/// Cells as they stand in the dump, one for each column: copy_value() says what they mean.
using CopyCells = std::span<const std::string_view>;

/// What a cell says, without its escapes; absent: NULL.
std::optional<std::string> copy_value(std::string_view cell);

/// A time as pg_dump writes it, "2021-07-04 10:00:00.5+02", to the second below. Absent for NULL,
/// infinity and what lies beyond the years that a Timestamp can have a name for.
std::optional<Timestamp> parse_copy_timestamp(std::string_view cell);

/// Splits a row of COPY data, without its newline, into `cells`.
void split_copy_row(std::string_view row, std::vector<std::string_view>& cells);

/// Hands out the rows of the tables that somebody wants. Fed in chunks of any size; memory is one
/// row, of which none may be longer than 16 MiB. One thread at a time.
class DumpRows {
public:
  using RowSink = std::function<Result<>(CopyCells)>;
  /// Asked once at the beginning of each table's data; an empty sink: not wanted.
  using TableSink = std::function<Result<RowSink>(const DumpTable&)>;

  explicit DumpRows(TableSink tables) : tables_(std::move(tables)) {}

  /// corrupt where a wanted row has other cells than its table has columns. A sink's error ends the
  /// stream.
  Result<> write(ByteView plain_sql);

private:
  Result<> begin_table(std::string_view line);
  Result<> take_data(std::string_view data);
  Result<> take_row(std::string_view row);

  TableSink tables_;
  DumpLines lines_;
  std::optional<DumpTable> table_;  // whose data goes by, if it is wanted
  RowSink sink_;
  std::string open_row_;
  std::vector<std::string_view> cells_;
};

}  // namespace ib
