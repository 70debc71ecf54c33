// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "postgres/dump_text.hpp"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Filters a plain dump of pg_dump for a server that lacks an extension. Leaves out everything that
/// would fail there: the extension, tables with a column of its types, its indexes, and everything
/// that belongs to those tables. If the server has every extension, the dump stays unchanged. Holds
/// one statement in memory; data passes through. One thread at a time.
class DumpFilter {
public:
  /// `has_extension` is called for each extension that the dump creates.
  explicit DumpFilter(std::function<bool(std::string_view)> has_extension)
      : has_extension_(std::move(has_extension))
  {}

  Result<> write(ByteView plain_sql, const ByteSink& out);
  /// Passes on the rest.
  Result<> finish(const ByteSink& out);

  /// What was left out, for a person, in the order of the dump: "extension vchord", "table
  /// public.smart_search".
  const std::vector<std::string>& left_out() const { return left_out_; }
  /// Whether this table was left out. `sql_name` is as SQL writes it: public."user".
  bool leaves_out_table(std::string_view sql_name) const { return tables_.contains(sql_name); }

private:
  struct Entry {
    std::string type, schema, name;  // "TABLE", "public", "asset"; empty without a header
    std::string text;
    bool decided = false, kept = true;
  };

  Result<> see(std::string_view line, const ByteSink& out);
  Result<> end_entry(const ByteSink& out);
  Result<> decide(const ByteSink& out);
  bool must_go();

  std::function<bool(std::string_view)> has_extension_;
  DumpLines lines_;
  Entry entry_;
  std::vector<std::string> missing_;
  std::set<std::string, std::less<>> tables_;
  std::vector<std::string> left_out_;
};

}  // namespace ib
