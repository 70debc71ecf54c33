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

/// The schema that an extension which Immich uses, or has used, lies in. Absent for any other one.
std::optional<std::string_view> schema_of_extension(std::string_view name);
/// The names of those extensions.
std::vector<std::string_view> immichs_extensions();

/// Filters a plain dump of pg_dump for a server. Extensions are the server's matter, and so are the
/// schemas that they may lie in, so that a role without rights can restore the dump: the statements
/// that drop, create or comment on one are left out. A schema of extensions joins the search_path.
/// Where the server lacks one, everything is left out that would fail there: tables with a
/// column of its types, its indexes, and everything that belongs to those tables. Owners and rights
/// are left out, too (pg_dump's --no-owner and --no-acl), and so is the database itself (--create).
/// Holds one statement in memory, or its first 4 MiB; data passes through. One thread at a time.
class DumpFilter {
public:
  enum class Extension : std::uint8_t {
    there,    ///< its statements are left out
    by_dump,  ///< the dump's own statement creates it
    missing,  ///< left out, with all that needs it
  };
  /// What the server has. Each is called before what needs it, and may create it.
  struct Server {
    /// For an extension that the dump creates in `schema`; empty: the dump does not say.
    std::function<Result<Extension>(std::string_view name, std::string_view schema)> extension;
    /// For a schema that the dump creates: whether it is there.
    std::function<Result<bool>(std::string_view name)> schema;
  };

  explicit DumpFilter(Server server) : server_(std::move(server)) {}

  /// corrupt if too much would have to be left out.
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
    std::string body_quote;  // "$_$" within the body of a function, which is nobody's to change
    bool decided = false, kept = true;
  };

  Result<> see(std::string_view line, const ByteSink& out);
  Result<> end_entry(const ByteSink& out);
  Result<> decide(const ByteSink& out);
  Result<bool> must_go();
  Result<bool> extension_must_go();
  Result<bool> leave_out(std::string what);

  Server server_;
  DumpLines lines_;
  Entry entry_;
  bool after_empty_line_ = false;
  std::string added_;  // SQL that follows the entry
  std::vector<std::string> missing_;
  std::set<std::string, std::less<>> tables_;
  std::vector<std::string> left_out_;
  std::size_t names_ = 0;  // bytes of what was left out
};

}  // namespace ib
