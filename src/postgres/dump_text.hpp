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

/// A dump's tables and extensions are kept by name: so many bytes of names, and no more.
/// PostgreSQL's names have up to 63 bytes.
inline constexpr std::size_t kMostNamesInDump = std::size_t{4} << 20U;
/// corrupt: a dump has more names than that, which were made to fill the memory.
std::unexpected<Error> too_many_names();

/// Tells the SQL of a plain dump from the data between "COPY ... FROM stdin;" and "\.". A line of
/// data may look like anything. The dump may come in chunks of any size. Holds one line of SQL in
/// memory. One thread at a time.
class DumpLines {
public:
  using TextSink = std::function<Result<>(std::string_view)>;

  /// Passes on everything in `chunk`, in order. Each complete line of SQL goes to `sql`, with its
  /// newline. Pieces of COPY data and of lines longer than 64 KiB go to `opaque`. An error of a
  /// sink ends the stream.
  Result<> update(std::string_view chunk, const TextSink& sql, const TextSink& opaque);

  /// The beginning of a line of SQL whose newline has not come yet.
  std::string_view open_line() const { return line_; }
  bool in_copy() const { return in_copy_; }

private:
  std::size_t copy_extent(std::string_view chunk);

  std::string line_;
  bool overlong_ = false;
  bool in_copy_ = false;
  std::string copy_line_head_;
};

/// Checks whether a plain dump is whole, as it passes. pg_dump's last line must be there, outside
/// of any data, and so must the \unrestrict that belongs to its \restrict. A dump that is cut
/// between two statements restores without an error, but with half the data. Only this line gives
/// it away. One thread at a time.
class DumpTrailerCheck {
public:
  /// corrupt if it names too many extensions.
  Result<> update(ByteView plain_sql);

  bool complete() const;
  /// The extensions that the dump creates, in its order.
  const std::vector<std::string>& extensions() const { return extensions_; }

  /// `corrupt` if this is not a dump, or a cut one. `invalid` for a dump of pg_dumpall, which holds
  /// a whole server and cannot be restored into one database. The message says which.
  Result<> require_complete() const;

private:
  enum class Kind : std::uint8_t {
    unknown,   // no header of pg_dump's among the first lines
    database,  // pg_dump
    cluster,   // pg_dumpall
  };

  Result<> see(std::string_view line);
  std::string_view trailer() const;

  DumpLines lines_;
  Kind kind_ = Kind::unknown;
  std::size_t lines_seen_ = 0;
  bool trailer_seen_ = false;
  std::string open_restriction_;
  std::vector<std::string> extensions_;
  std::size_t names_ = 0;  // bytes
};

/// Changes a plain dump, as it passes, so that one psql can restore it in one transaction. Never
/// changes COPY data. One thread at a time.
///   - The line that empties the search_path sets it to "public, pg_catalog" for this transaction
///     instead. Without that, Immich's indexes on earthdistance's ll_to_earth fail ("type earth
///     does not exist").
///   - transaction_timeout, which pg_dump 17 resets, is reset only if the server knows it.
///   - BEGIN and COMMIT around large objects are removed. They would end our transaction.
///   - The dump's own pair of \restrict and \unrestrict is removed: psql refuses it inside ours.
class RestoreRewriter {
public:
  Result<> write(ByteView plain_sql, const ByteSink& out);
  /// Passes on the last line if it lacks a newline.
  Result<> finish(const ByteSink& out);

private:
  /// The replacement for a line. Empty: the line is removed.
  std::string_view rewritten(std::string_view line);

  DumpLines lines_;
  bool before_first_statement_ = true;
  bool before_first_copy_ = true;
  bool search_path_set_ = false;
  bool among_large_objects_ = false;
  std::string restriction_;
};

}  // namespace ib
