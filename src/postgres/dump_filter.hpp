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

/// Leaves out of a plain dump of pg_dump's, while it goes by, what the server's lack of an
/// extension would make fail: the extension, tables with a column of one of its types, indexes that
/// it makes, and what belongs to those tables. Where the server has every extension, the dump stays
/// as it is. Memory is one statement; data goes through as it comes. One thread at a time.
class DumpFilter {
public:
  /// `has_extension` is asked for each that the dump creates.
  explicit DumpFilter(std::function<bool(std::string_view)> has_extension)
      : has_extension_(std::move(has_extension))
  {}

  Result<> write(ByteView plain_sql, const ByteSink& out);
  /// Hands on the rest.
  Result<> finish(const ByteSink& out);

  /// What is left out, in the dump's order, for a person: "extension vchord", "table
  /// public.smart_search".
  const std::vector<std::string>& left_out() const { return left_out_; }
  /// Whether it is one of the tables left out; as SQL writes it: public."user".
  bool leaves_out_table(std::string_view sql_name) const { return tables_.contains(sql_name); }

private:
  struct Entry {
    std::string type, schema, name;  // "TABLE", "public", "asset"; empty for what has no header
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
