// SPDX-License-Identifier: Apache-2.0
//
// Streams of rows. Private to this module.
#pragma once

#include "base/result.hpp"
#include "core/records/file_record.hpp"
#include "manifest/record_row.hpp"
#include "manifest/sqlite.hpp"

#include <memory>
#include <optional>
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

}  // namespace ib
