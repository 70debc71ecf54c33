// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "postgres/dump_text.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Divides anybody's plain dump into its databases, and leaves out what moves psql from one
/// database to another. A dump of pg_dump is of one database, which it may create (--create); one
/// of pg_dumpall has a section for each database, and roles and passwords, which belong to none and
/// are left out. Takes back the line ends of a terminal (`docker exec -t` makes CR LF of each LF).
///
/// Each section is then what pg_dump writes without --create. The dump may come in chunks of any
/// size. Holds one line of SQL in memory. One thread at a time.
class DumpSections {
public:
  /// `section` is an index in databases().
  using Sink = std::function<Result<>(std::size_t section, ByteView sql)>;

  struct Database {
    std::string name;  ///< empty where the dump does not tell it
    /// What the dump sets on the database itself, as the server's catalog has it: "hnsw.ef=1".
    std::vector<std::string> settings;
  };

  /// corrupt if it names too many databases or settings.
  Result<> write(ByteView plain_sql, const Sink& out);
  /// Passes on the rest. corrupt if it is no dump, or a cut one of pg_dumpall. Whether a section is
  /// whole, DumpTrailerCheck tells.
  Result<> finish(const Sink& out);

  /// Those that have begun, in the order of the dump.
  const std::vector<Database>& databases() const { return databases_; }

private:
  Result<> take(std::string_view text, const Sink& out);
  Result<> see(std::string_view line, const Sink& out);
  Result<> pass(std::string_view sql, const Sink& out);
  Result<> begin(std::string_view name);
  Result<> keep_setting(std::string_view line);
  Result<> count_names(std::size_t bytes);

  enum class Kind : std::uint8_t { unknown, database, server };

  Kind kind_ = Kind::unknown;
  std::optional<bool> is_of_terminal_;  // its lines end with CR LF
  bool after_cr_ = false;               // a CR was held back
  DumpLines lines_;
  bool is_between_ = true;  // before the first database, or after the last
  bool is_ended_ = false;   // pg_dumpall's last line was there
  std::string held_;  // \unrestrict, and what follows it, until it is known whether \connect does
  bool after_connect_ = false;
  std::vector<Database> databases_;
  std::size_t names_ = 0;  // bytes
};

/// The text of `ALTER DATABASE immich SET search_path TO '$user', 'public';` as the server's
/// catalog has it: `search_path="$user", public`. Absent for any other line.
std::optional<std::string> setting_of_line(std::string_view line);

}  // namespace ib
