// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump_text.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kLongestLine = std::size_t{64} * 1024;
constexpr std::size_t kHeaderLines = 20;

constexpr std::string_view kEndOfData = "\\.";
constexpr std::string_view kRestrict = "\\restrict ";
constexpr std::string_view kUnrestrict = "\\unrestrict ";

constexpr std::string_view kDatabaseHeader = "-- PostgreSQL database dump";
constexpr std::string_view kClusterHeader = "-- PostgreSQL database cluster dump";
constexpr std::string_view kDatabaseTrailer = "-- PostgreSQL database dump complete";
constexpr std::string_view kClusterTrailer = "-- PostgreSQL database cluster dump complete";

constexpr std::string_view kCreateExtension = "CREATE EXTENSION IF NOT EXISTS ";

constexpr std::string_view kEmptySearchPath =
    "SELECT pg_catalog.set_config('search_path', '', false);";
constexpr std::string_view kPublicSearchPath =
    "SELECT pg_catalog.set_config('search_path', 'public, pg_catalog', true);\n";
constexpr std::string_view kTransactionTimeout = "SET transaction_timeout = 0;";
constexpr std::string_view kTransactionTimeoutIfKnown =
    "SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = "
    "'transaction_timeout';\n";

std::string_view without_newline(std::string_view line)
{
  if (line.ends_with('\n')) line.remove_suffix(1);
  return line;
}

/// "uuid-ossp" in `"uuid-ossp" WITH SCHEMA public;`
std::string extension_name(std::string_view rest)
{
  if (rest.starts_with('"')) return std::string(rest.substr(1, rest.find('"', 1) - 1));
  return std::string(rest.substr(0, rest.find_first_of(" ;")));
}

}  // namespace

std::unexpected<Error> too_many_names()
{
  return fail(Errc::corrupt, "the dump names more tables and extensions than any database has");
}

std::size_t DumpLines::copy_extent(std::string_view chunk)
{
  std::size_t at = 0;
  while (at < chunk.size()) {
    const std::size_t newline = chunk.find('\n', at);
    const std::size_t end = std::min(newline, chunk.size());
    // Three characters are enough to tell "\." from everything longer.
    copy_line_head_ +=
        chunk.substr(at, std::min(end - at, kEndOfData.size() + 1 - copy_line_head_.size()));
    if (newline == std::string_view::npos) break;
    at = newline + 1;
    if (std::exchange(copy_line_head_, {}) == kEndOfData) {
      in_copy_ = false;
      return at;
    }
  }
  return chunk.size();
}

Result<> DumpLines::update(std::string_view chunk, const TextSink& sql, const TextSink& opaque)
{
  while (!chunk.empty()) {
    if (in_copy_) {
      const std::size_t extent = copy_extent(chunk);
      TRY(opaque(chunk.substr(0, extent)));
      chunk.remove_prefix(extent);
      continue;
    }
    const std::size_t newline = chunk.find('\n');
    const std::string_view piece =
        chunk.substr(0, newline == std::string_view::npos ? newline : newline + 1);
    chunk.remove_prefix(piece.size());
    const bool whole = newline != std::string_view::npos;
    if (overlong_) {
      overlong_ = !whole;
      TRY(opaque(piece));
      continue;
    }
    line_ += piece;
    if (line_.size() > kLongestLine) {
      overlong_ = !whole;
      TRY(opaque(std::exchange(line_, {})));
    } else if (whole) {
      const std::string line = std::exchange(line_, {});
      in_copy_ = line.starts_with("COPY ") && line.ends_with(" FROM stdin;\n");
      TRY(sql(line));
    }
  }
  return {};
}

Result<> DumpTrailerCheck::update(ByteView plain_sql)
{
  return lines_.update(
      text_of(plain_sql), [this](std::string_view line) { return see(without_newline(line)); },
      [this](std::string_view) -> Result<> {
        trailer_seen_ = false;
        return {};
      });
}

std::string_view DumpTrailerCheck::trailer() const
{
  return kind_ == Kind::cluster ? kClusterTrailer : kDatabaseTrailer;
}

Result<> DumpTrailerCheck::see(std::string_view line)
{
  ++lines_seen_;
  if (line.empty() || line == "--") return {};
  if (kind_ == Kind::unknown && lines_seen_ <= kHeaderLines) {
    if (line == kDatabaseHeader) kind_ = Kind::database;
    if (line == kClusterHeader) kind_ = Kind::cluster;
  }
  if (line.starts_with(kUnrestrict) && line.substr(kUnrestrict.size()) == open_restriction_) {
    open_restriction_.clear();
    return {};
  }
  trailer_seen_ = line == trailer();
  if (line.starts_with(kRestrict) && open_restriction_.empty())
    open_restriction_ = line.substr(kRestrict.size());
  if (!line.starts_with(kCreateExtension)) return {};
  names_ += line.size();
  if (names_ > kMostNamesInDump) return too_many_names();
  extensions_.push_back(extension_name(line.substr(kCreateExtension.size())));
  return {};
}

bool DumpTrailerCheck::complete() const
{
  if (!open_restriction_.empty() || lines_.in_copy()) return false;
  // Only an empty comment and empty lines follow the last line. They may be missing.
  const std::string_view rest = lines_.open_line();
  if (rest.empty() || rest == "-" || rest == "--") return trailer_seen_;
  return rest == trailer();
}

Result<> DumpTrailerCheck::require_complete() const
{
  if (kind_ == Kind::cluster) {
    return fail(
        Errc::invalid, "the dump was made by pg_dumpall and holds a whole server",
        "Restore it by hand with psql into an empty server, or use a dump made by pg_dump.");
  }
  if (complete()) return {};
  if (lines_seen_ == 0 && lines_.open_line().empty())
    return fail(Errc::corrupt, "the dump is empty");
  if (kind_ == Kind::unknown)
    return fail(Errc::corrupt, "this is not a plain dump of pg_dump: its header is missing");
  return fail(Errc::corrupt,
              "the dump is cut: its last line, '" + std::string(trailer()) + "', is missing");
}

std::string_view RestoreRewriter::rewritten(std::string_view line)
{
  const std::string_view text = without_newline(line);
  if (text.starts_with("--")) {
    if (text.contains("; Type: ")) among_large_objects_ = text.contains("; Type: BLOBS;");
    return line;
  }
  if (text.empty()) return line;

  // Only the pair that pg_dump itself wrote: its token is random, so nothing else can match it.
  if (before_first_statement_ && restriction_.empty() && text.starts_with(kRestrict)) {
    restriction_ = text.substr(kRestrict.size());
    return {};
  }
  if (!restriction_.empty() && text.starts_with(kUnrestrict) &&
      text.substr(kUnrestrict.size()) == restriction_)
    return {};
  if (!text.starts_with('\\')) before_first_statement_ = false;

  if (among_large_objects_ && (text == "BEGIN;" || text == "COMMIT;")) return {};
  if (before_first_copy_ && !search_path_set_ && text == kEmptySearchPath) {
    search_path_set_ = true;
    return kPublicSearchPath;
  }
  if (before_first_copy_ && text == kTransactionTimeout) return kTransactionTimeoutIfKnown;
  if (lines_.in_copy()) before_first_copy_ = false;
  return line;
}

Result<> RestoreRewriter::write(ByteView plain_sql, const ByteSink& out)
{
  return lines_.update(
      text_of(plain_sql),
      [&](std::string_view line) -> Result<> {
        const std::string_view text = rewritten(line);
        if (text.empty()) return {};
        return out(bytes_of(text));
      },
      [&](std::string_view bytes) { return out(bytes_of(bytes)); });
}

Result<> RestoreRewriter::finish(const ByteSink& out)
{
  if (lines_.open_line().empty()) return {};
  return write(bytes_of("\n"), out);
}

}  // namespace ib
