// SPDX-License-Identifier: Apache-2.0
#include "immich/database.hpp"

#include "immich/tables.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ib {
namespace {

const TableNames kSince1136{.asset = "public.asset",
                            .asset_file = "public.asset_file",
                            .user = "public.\"user\"",
                            .album = "public.album",
                            .library = "public.library"};
const TableNames kBefore1136{.asset = "public.assets",
                             .asset_file = "public.asset_files",
                             .user = "public.users",
                             .album = "public.albums",
                             .library = "public.libraries"};

Result<bool> has_columns(Connection& connection, const std::string& table,
                         std::span<const std::string_view> columns)
{
  const std::array params{table};
  const auto rows =
      TRY(connection.query("SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = "
                           "pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped",
                           params));
  return std::ranges::all_of(columns, [&](std::string_view column) {
    return std::ranges::any_of(rows,
                               [&](const Connection::Row& row) { return row.at(0) == column; });
  });
}

/// The first cell. "" if there is no row or the cell is NULL.
std::string only_cell(const Connection::Rows& rows)
{
  if (rows.empty()) return {};
  return rows.front().at(0).value_or("");
}

Result<> count_rows(Connection& connection, const TableNames& names, ImmichFacts& facts)
{
  const auto rows = TRY(connection.query(
      std::string("SELECT count(*), count(*) FILTER (WHERE NOT \"isExternal\"), count(*) FILTER "
                  "(WHERE \"isExternal\"), count(*) FILTER (WHERE \"deletedAt\" IS NOT NULL OR "
                  "status::text = 'trashed'), (SELECT count(*) FROM ") +
      names.user + "), (SELECT count(*) FROM " + names.album + ") FROM " + names.asset));
  const Connection::Row& row = rows.at(0);
  facts.assets = count_in(row.at(0));
  facts.originals = count_in(row.at(1));
  facts.external = count_in(row.at(2));
  facts.trashed = count_in(row.at(3));
  facts.users = count_in(row.at(4));
  facts.albums = count_in(row.at(5));
  return {};
}

Result<std::vector<std::string>> identity(Connection& connection, const TableNames& names)
{
  const Connection::Rows rows = TRY(connection.query(
      "SELECT left(encode(pg_catalog.sha256(convert_to('immich user ' || t.id::text, 'UTF8')), "
      "'hex'), 16) FROM " +
      names.user + " t ORDER BY to_jsonb(t)->>'createdAt', t.id LIMIT 16"));
  std::vector<std::string> users;
  for (const Connection::Row& row : rows) users.push_back(row.at(0).value_or(""));
  return users;
}

/// Where the server sees the media root. "" if it has not recorded it.
Result<std::string> media_location(Connection& connection)
{
  if (!TRY(table_exists(connection, "public.system_metadata"))) return "";
  return only_cell(
      TRY(connection.query("SELECT to_jsonb(t)->'value'->>'location' FROM public.system_metadata t "
                           "WHERE to_jsonb(t)->>'key' = 'MediaLocation'")));
}

/// Whether Immich is in maintenance mode. Older versions have none, and no such row.
Result<bool> in_maintenance(Connection& connection)
{
  if (!TRY(table_exists(connection, "public.system_metadata"))) return false;
  return only_cell(TRY(connection.query("SELECT to_jsonb(t)->'value'->>'isMaintenanceMode' FROM "
                                        "public.system_metadata t WHERE to_jsonb(t)->>'key' = "
                                        "'maintenance-mode'"))) == "true";
}

/// The folders of all external libraries.
Result<std::vector<std::string>> import_paths(Connection& connection, const TableNames& names)
{
  std::vector<std::string> paths;
  if (!TRY(has_column(connection, names.library, "importPaths"))) return paths;
  for (const Connection::Row& row :
       TRY(connection.query("SELECT DISTINCT pg_catalog.unnest(\"importPaths\") FROM " +
                            names.library + " ORDER BY 1")))
    paths.push_back(row.at(0).value_or(""));
  return paths;
}

}  // namespace

Result<bool> table_exists(Connection& connection, const std::string& table)
{
  const std::array params{table};
  const auto rows = TRY(connection.query("SELECT pg_catalog.to_regclass($1) IS NOT NULL", params));
  return rows.at(0).at(0) == "t";
}

Result<bool> has_column(Connection& connection, const std::string& table, const std::string& column)
{
  const std::array<std::string_view, 1> columns{column};
  return has_columns(connection, table, columns);
}

Result<std::optional<TableNames>> known_tables(Connection& connection)
{
  // Without these columns nobody can tell which files the library must hold.
  constexpr std::array<std::string_view, 7> kAssetColumns{
      "id", "ownerId", "originalPath", "checksum", "isExternal", "deletedAt", "status"};
  for (const TableNames& names : {kSince1136, kBefore1136}) {
    if (TRY(has_columns(connection, names.asset, kAssetColumns)) &&
        TRY(table_exists(connection, names.user)) && TRY(table_exists(connection, names.album))) {
      return names;
    }
  }
  return std::nullopt;
}

bool has_immichs_tables(std::span<const TableRows> tables)
{
  return std::ranges::any_of(std::array{kSince1136, kBefore1136}, [&](const TableNames& names) {
    return std::ranges::find(tables, names.asset, &TableRows::table) != tables.end() &&
           std::ranges::find(tables, names.user, &TableRows::table) != tables.end();
  });
}

Result<std::string> read_schema_level(Connection& connection)
{
  // A view could run anything, and so could a function that the search_path finds first.
  const auto table =
      TRY(connection.query("SELECT 1 FROM pg_catalog.pg_class WHERE relkind "
                           "OPERATOR(pg_catalog.=) 'r' AND oid OPERATOR(pg_catalog.=) "
                           "pg_catalog.to_regclass('public.kysely_migrations')"));
  if (table.empty()) return "";
  // to_jsonb reads a column that may not exist. So somebody else's table of that name is no error.
  return only_cell(TRY(connection.query(
      "SELECT pg_catalog.max(pg_catalog.to_jsonb(t) OPERATOR(pg_catalog.->>) 'name') FROM ONLY "
      "public.kysely_migrations t")));
}

Result<ImmichFacts> read_immich_facts(Connection& connection)
{
  ImmichFacts facts;
  constexpr std::array<std::string_view, 2> kHistoryColumns{"version", "createdAt"};
  if (TRY(has_columns(connection, "public.version_history", kHistoryColumns))) {
    facts.version =
        only_cell(TRY(connection.query("SELECT version FROM public.version_history ORDER BY "
                                       "\"createdAt\" DESC NULLS LAST LIMIT 1")));
    if (!facts.version.empty() && !facts.version.starts_with('v')) facts.version.insert(0, 1, 'v');
  }
  facts.schema_level = TRY(read_schema_level(connection));
  facts.media_location = TRY(media_location(connection));
  facts.in_maintenance = TRY(in_maintenance(connection));
  const std::optional<TableNames> names = TRY(known_tables(connection));
  if (names) {
    facts.known_schema = true;
    TRY(count_rows(connection, *names, facts));
    facts.identity = TRY(identity(connection, *names));
    facts.import_paths = TRY(import_paths(connection, *names));
  }
  return facts;
}

Result<std::optional<Sha1>> read_recorded_checksum(Connection& connection, const std::string& path,
                                                   const std::vector<std::string>& media_roots)
{
  const std::optional<TableNames> names = TRY(known_tables(connection));
  if (!names) return std::nullopt;
  // The media root as the server sees it: the recorded one, the default since 1.137, the default
  // before, and the one relative to its working folder before 1.136.
  std::vector<std::string> candidates{TRY(media_location(connection)) + path, "/data" + path,
                                      "/usr/src/app/upload" + path, "upload" + path};
  for (const std::string& root : media_roots) candidates.push_back(root + path);
  std::string parameters = "$1";
  for (std::size_t i = 2; i <= candidates.size(); ++i) parameters += ", $" + std::to_string(i);
  const Connection::Rows rows = TRY(connection.query(
      std::string("SELECT encode(t.checksum, 'hex') FROM ") + names->asset +
          " t WHERE t.\"originalPath\" IN (" + parameters +
          ") AND NOT t.\"isExternal\" AND coalesce(to_jsonb(t)->>'checksumAlgorithm', 'sha1') = "
          "'sha1' LIMIT 1",
      candidates));
  const std::string hex = only_cell(rows);
  if (hex.empty()) return std::nullopt;
  return TRY(Sha1::parse(hex));
}

}  // namespace ib
