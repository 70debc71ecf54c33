// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump_inventory.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace ib {
namespace {

constexpr std::string_view kCopy = "COPY ";
constexpr std::string_view kSetsEncoding = "SET client_encoding = '";
constexpr std::string_view kDumpedFrom = "-- Dumped from database version ";

/// The words before a table's name, where this line creates one.
std::string_view how_it_creates(std::string_view line)
{
  for (const std::string_view words : {"CREATE TABLE ", "CREATE UNLOGGED TABLE "})
    if (line.starts_with(words)) return words;
  return {};
}

/// `public."user"` of `COPY public."user" (id, email) FROM stdin;`: a quoted name may hold a blank.
std::string_view table_of(std::string_view line, std::string_view words_before)
{
  line.remove_prefix(words_before.size());
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == ' ' && !quoted) return line.substr(0, i);
  }
  return line;
}

}  // namespace

Result<> DumpInventory::update(ByteView plain_sql)
{
  return lines_.update(
      text_of(plain_sql), [this](std::string_view line) { return see(line); },
      [this](std::string_view data) -> Result<> {
        count(data);
        return {};
      });
}

Result<> DumpInventory::see(std::string_view line)
{
  if (server_version_.empty() && tables_.empty() && line.starts_with(kDumpedFrom)) {
    line.remove_prefix(kDumpedFrom.size());
    server_version_ = line.substr(0, line.find_first_of(" \n"));
  } else if (encoding_.empty() && created_.empty() && line.starts_with(kSetsEncoding)) {
    line.remove_prefix(kSetsEncoding.size());
    encoding_ = line.substr(0, line.find('\''));
  } else if (lines_.in_copy()) {
    counting_ = created_.contains(table_of(line, kCopy));
    if (counting_) {
      names_ += line.size();
      tables_.push_back({.table = std::string(table_of(line, kCopy))});
    }
  } else if (const std::string_view create = how_it_creates(line); !create.empty()) {
    names_ += line.size();
    created_.emplace(table_of(line, create));
  }
  if (names_ > kMostNamesInDump) return too_many_names();
  return {};
}

void DumpInventory::count(std::string_view data)
{
  // Opaque text outside of data is a long line of SQL.
  if (!counting_) return;
  tables_.back().rows += static_cast<std::uint64_t>(std::ranges::count(data, '\n'));
  if (lines_.in_copy()) return;
  --tables_.back().rows;  // the line that ends the data is not a row
  counting_ = false;
}

std::optional<int> DumpInventory::server_major() const
{
  int major = 0;
  const char* const end = server_version_.data() + server_version_.size();
  if (std::from_chars(server_version_.data(), end, major).ec != std::errc()) return std::nullopt;
  return major;
}

std::uint64_t rows_of(const std::vector<TableRows>& tables)
{
  return std::accumulate(
      tables.begin(), tables.end(), std::uint64_t{0},
      [](std::uint64_t sum, const TableRows& table) { return sum + table.rows; });
}

}  // namespace ib
