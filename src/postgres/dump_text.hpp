// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Tells the SQL of a plain dump from the data between "COPY ... FROM stdin;" and "\.", in which a
/// line may say anything. Fed in chunks of any size; memory is one line of SQL. One thread at a
/// time.
class DumpLines {
public:
  using TextSink = std::function<Result<>(std::string_view)>;

  /// Everything in `chunk`, in order: each line of SQL with its newline goes to `sql` once it is
  /// whole; pieces of COPY data, and of a line longer than 64 KiB, go to `opaque`. A sink's error
  /// ends the stream.
  Result<> update(std::string_view chunk, const TextSink& sql, const TextSink& opaque);

  /// The line of SQL whose newline has not come yet.
  std::string_view open_line() const { return line_; }
  bool in_copy() const { return in_copy_; }

private:
  std::size_t copy_extent(std::string_view chunk);

  std::string line_;
  bool overlong_ = false;
  bool in_copy_ = false;
  std::string copy_line_head_;
};

/// Watches a plain dump go by and tells whether it is whole: pg_dump's last line must be there,
/// outside of any data, and the \unrestrict that belongs to its \restrict. A dump that is cut
/// between two statements restores without an error and with half the data; nothing but this line
/// gives it away. One thread at a time.
class DumpTrailerCheck {
public:
  enum class Kind : std::uint8_t {
    unknown,   ///< no header of pg_dump's among the first lines
    database,  ///< pg_dump
    cluster,   ///< pg_dumpall
  };

  void update(ByteView plain_sql);

  bool complete() const;
  Kind kind() const { return kind_; }
  /// The extensions that the dump creates, in its order.
  const std::vector<std::string>& extensions() const { return extensions_; }

  /// `corrupt` for what is no dump and for a cut one, `invalid` for a dump of pg_dumpall, which
  /// holds a whole server and cannot be restored into one database; each says so.
  Result<> require_complete() const;

private:
  void see(std::string_view line);
  std::string_view trailer() const;

  DumpLines lines_;
  Kind kind_ = Kind::unknown;
  std::size_t lines_seen_ = 0;
  bool trailer_seen_ = false;
  std::string open_restriction_;
  std::vector<std::string> extensions_;
};

/// Adapts a plain dump, while it goes by, to being restored by one psql in one transaction. COPY
/// data is never touched. One thread at a time.
///   - The line that empties the search_path sets it to "public, pg_catalog" within the transaction
///     instead: indexes of Immich over earthdistance's ll_to_earth fail without ("type earth does
///     not exist").
///   - transaction_timeout, which pg_dump 17 resets, is reset only where the server knows it.
///   - BEGIN and COMMIT around large objects go: they would end our transaction.
///   - \restrict and its \unrestrict go where psql does not know them.
class RestoreRewriter {
public:
  enum class Restrict : std::uint8_t { keep, strip };
  explicit RestoreRewriter(Restrict restrict) : restrict_(restrict) {}

  Result<> write(ByteView plain_sql, const ByteSink& out);
  /// Hands on the last line, if it lacks a newline.
  Result<> finish(const ByteSink& out);

private:
  /// What takes the place of a line; empty: nothing does.
  std::string_view rewritten(std::string_view line);

  Restrict restrict_;
  DumpLines lines_;
  bool before_first_statement_ = true;
  bool before_first_copy_ = true;
  bool search_path_set_ = false;
  bool among_large_objects_ = false;
  std::string restriction_;
};

}  // namespace ib
