// SPDX-License-Identifier: Apache-2.0
//
// Streams of rows. Private to this module.
#pragma once

#include "base/result.hpp"
#include "base/text.hpp"
#include "core/records/file_record.hpp"
#include "manifest/record_row.hpp"
#include "manifest/sqlite.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ib {

/// A cursor over a statement of its own. `Read` makes the next item of it:
/// Result<std::optional<Item>>(Statement&), which steps by itself. It is not called again once
/// there is none.
template <class Interface, class Read>
class StatementCursor final : public Interface {
public:
  StatementCursor(Statement statement, Read read)
      : statement_(std::move(statement)), read_(std::move(read))
  {}
  decltype(std::declval<Interface&>().next()) next() override
  {
    if (done_) return std::nullopt;
    auto item = read_(statement_);
    done_ = !item || !*item;
    return item;
  }

private:
  Statement statement_;
  Read read_;
  bool done_ = false;
};

template <class Interface, class Read>
std::unique_ptr<Interface> make_cursor(Statement statement, Read read)
{
  return std::make_unique<StatementCursor<Interface, Read>>(std::move(statement), std::move(read));
}

/// Over a statement whose columns are those of a record.
inline std::unique_ptr<RecordCursor> make_record_cursor(Statement statement)
{
  return make_cursor<RecordCursor>(std::move(statement), read_first_record);
}

/// The error for a file whose rows are in no order: SQLite's quick check does not look at that, and
/// whoever merges two streams of rows would pass over some.
inline std::unexpected<Error> out_of_order(std::string_view path)
{
  return fail(Errc::corrupt, "manifest: " + printable(path) + ": is not where it belongs");
}

/// The same, of rows that are sorted by path, each path once. corrupt where they are not.
inline std::unique_ptr<RecordCursor> make_sorted_record_cursor(Statement statement)
{
  const auto read = [before = std::optional<std::string>()](
                        Statement& row) mutable -> Result<std::optional<FileRecord>> {
    std::optional<FileRecord> record = TRY(read_first_record(row));
    if (!record) return record;
    if (before && *before >= record->path) return out_of_order(record->path);
    before = record->path;
    return record;
  };
  return make_cursor<RecordCursor>(std::move(statement), read);
}

}  // namespace ib
