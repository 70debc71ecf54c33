// SPDX-License-Identifier: Apache-2.0
#include "immich/snapshot.hpp"

#include "immich/tables.hpp"
#include "postgres/dump.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace ib {
namespace {

// The columns of every query below, and the bits of the last column.
constexpr unsigned kExternal = 1, kOffline = 2, kTrashed = 4, kBeingDeleted = 8,
                   kNoContentChecksum = 16;
constexpr std::size_t kSha1HexSize = 2 * Sha1::kSize;

NamedFile file_of(NamedFile::Kind kind, const Connection::Row& row)
{
  NamedFile file{
      .kind = kind, .path = row.at(0).value_or(""), .id = row.at(1).value_or(""), .sha1 = {}};
  const auto flags = static_cast<unsigned>(count_in(row.at(3)));
  file.external = (flags & kExternal) != 0;
  file.offline = (flags & kOffline) != 0;
  file.trashed = (flags & kTrashed) != 0;
  file.being_deleted = (flags & kBeingDeleted) != 0;
  // The checksum of an external file is of its path, not of its content.
  if (kind != NamedFile::Kind::original || file.external || (flags & kNoContentChecksum) != 0)
    return file;
  const std::string& hex = row.at(2).value_or("");
  const Result<Sha1> sha1 = Sha1::parse(hex);
  file.odd_checksum = hex.size() != kSha1HexSize || !sha1;
  if (!file.odd_checksum) file.sha1 = *sha1;
  return file;
}

/// The flags of a row of the asset table `a`, as SQL.
Result<std::string> asset_flags(Connection& connection, const TableNames& names)
{
  const auto bit = [](std::string_view condition, unsigned value) {
    return "CASE WHEN " + std::string(condition) + " THEN " + std::to_string(value) + " ELSE 0 END";
  };
  std::string flags = bit("a.\"isExternal\"", kExternal) + " + " +
                      bit("a.\"deletedAt\" IS NOT NULL OR a.status::text = 'trashed'", kTrashed) +
                      " + " + bit("a.status::text = 'deleted'", kBeingDeleted);
  if (TRY(has_column(connection, names.asset, "isOffline")))
    flags += " + " + bit("a.\"isOffline\"", kOffline);
  if (TRY(has_column(connection, names.asset, "checksumAlgorithm")))
    flags += " + " + bit("a.\"checksumAlgorithm\"::text <> 'sha1'", kNoContentChecksum);
  return flags;
}

/// The queries for one kind. Each SELECTs path, id, checksum and flags. If `only_ids`, they are
/// limited to the ids in $1.
Result<std::vector<std::string>> queries_for(Connection& connection, const TableNames& names,
                                             NamedFile::Kind kind, bool only_ids)
{
  const auto where = [&](std::string_view id, const std::string& condition) {
    return " WHERE " + condition +
           (only_ids ? " AND " + std::string(id) + "::text = ANY($1::text[])" : "");
  };
  if (kind == NamedFile::Kind::avatar) {
    if (!TRY(has_column(connection, names.user, "profileImagePath")))
      return std::vector<std::string>{};
    return std::vector{"SELECT u.\"profileImagePath\", u.id::text, NULL, 0 FROM " + names.user +
                       " u" + where("u.id", "u.\"profileImagePath\" <> ''")};
  }
  const std::string flags = TRY(asset_flags(connection, names));
  if (kind == NamedFile::Kind::original) {
    return std::vector{"SELECT a.\"originalPath\", a.id::text, encode(a.checksum, 'hex'), " +
                       flags + " FROM " + names.asset + " a" + where("a.id", "true")};
  }
  std::vector<std::string> queries;
  // A column of the asset table until 2.4, then rows of another table.
  if (TRY(has_column(connection, names.asset, "sidecarPath"))) {
    queries.push_back("SELECT a.\"sidecarPath\", a.id::text, NULL, " + flags + " FROM " +
                      names.asset + " a" + where("a.id", "a.\"sidecarPath\" <> ''"));
  }
  if (TRY(has_column(connection, names.asset_file, "path"))) {
    queries.push_back("SELECT f.path, a.id::text, NULL, " + flags + " FROM " + names.asset_file +
                      " f JOIN " + names.asset + " a ON a.id = f.\"assetId\"" +
                      where("a.id", "f.type::text = 'sidecar' AND f.path <> ''"));
  }
  return queries;
}

Result<> read_named_files(Connection& connection, NamedFile::Kind kind,
                          const std::optional<std::string>& ids, const NamedFileSink& sink)
{
  const std::optional<TableNames> names = TRY(known_tables(connection));
  if (!names)
    return fail(Errc::invalid, "the tables are not those of an Immich that this program knows");
  std::vector<std::string> params;
  if (ids) params.push_back(*ids);
  for (const std::string& query : TRY(queries_for(connection, *names, kind, ids.has_value())))
    TRY(connection.each_row(query, params,
                            [&](const Connection::Row& row) { return sink(file_of(kind, row)); }));
  return {};
}

}  // namespace

Result<DatabaseSnapshot> DatabaseSnapshot::take(const DatabaseAddress& address,
                                                const std::stop_token& stop,
                                                std::chrono::milliseconds lock_wait)
{
  Connection connection = TRY(Connection::open(address, stop));
  TRY(connection.begin("REPEATABLE READ", lock_wait));
  DatabaseSnapshot snapshot(std::move(connection), "");
  // The server demands that this is outside of any savepoint. So an error ends the whole
  // transaction.
  Result<Connection::Rows> exported =
      snapshot.connection_.query("SELECT pg_catalog.pg_export_snapshot()");
  if (exported) {
    snapshot.id_ = exported->at(0).at(0).value_or("");
    return snapshot;
  }
  if (exported.error().code == Errc::unavailable || exported.error().code == Errc::cancelled)
    return std::unexpected(std::move(exported).error());
  TRY(snapshot.connection_.end());
  TRY(snapshot.connection_.begin("REPEATABLE READ", lock_wait));
  return snapshot;
}

/// An error ends a transaction, and with it the exported snapshot. So each read has its own
/// savepoint to return to.
template <class Read>
auto DatabaseSnapshot::apart(const Read& read) -> decltype(read())
{
  TRY(connection_.query("SAVEPOINT apart"));
  auto result = read();
  const bool lost = !result && (result.error().code == Errc::unavailable ||
                                result.error().code == Errc::cancelled);
  // After an error of the sink, the connection is closed and this fails. The sink's error is the
  // one to report.
  if (!result && !lost) static_cast<void>(connection_.query("ROLLBACK TO SAVEPOINT apart"));
  if (result) TRY(connection_.query("RELEASE SAVEPOINT apart"));
  return result;
}

Result<ImmichFacts> DatabaseSnapshot::facts()
{
  return apart([&] { return read_immich_facts(connection_); });
}

Result<> DatabaseSnapshot::named_files(NamedFile::Kind kind, const NamedFileSink& sink)
{
  return apart([&] { return read_named_files(connection_, kind, std::nullopt, sink); });
}

Result<std::string> DatabaseSnapshot::encoding()
{
  const Connection::Rows rows = TRY(apart(
      [&] { return connection_.query("SELECT pg_catalog.current_setting('server_encoding')"); }));
  return rows.at(0).at(0).value_or("");
}

Result<std::vector<std::string>> DatabaseSnapshot::settings()
{
  return first_column(TRY(apart([&] {
    return connection_.query(
        "SELECT c.text FROM pg_catalog.pg_db_role_setting s "
        "CROSS JOIN pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS c(text, number) "
        "JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) s.setdatabase "
        "WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() "
        "AND s.setrole OPERATOR(pg_catalog.=) 0::pg_catalog.oid ORDER BY c.number");
  })));
}

Result<std::optional<DatabaseSnapshot::Standby>> DatabaseSnapshot::standby()
{
  const Connection::Rows told = TRY(apart([&] {
    return connection_.query(
        "SELECT pg_catalog.pg_is_in_recovery()::pg_catalog.text, "
        "pg_catalog.to_char(pg_catalog.timezone('UTC', "
        "pg_catalog.pg_last_xact_replay_timestamp()), "
        "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')");
  }));
  if (told.at(0).at(0) != "true") return std::nullopt;
  Standby standby{.replayed = told.at(0).at(1).value_or(""), .row_less = {}};
  // What belongs to an extension is the extension's own matter.
  standby.row_less = first_column(TRY(apart([&] {
    return connection_.query(
        "SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace "
        "WHERE c.relkind IN ('r', 'p') AND c.relpersistence OPERATOR(pg_catalog.=) 'u' "
        "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid OPERATOR(pg_catalog.=) "
        "c.oid AND d.deptype OPERATOR(pg_catalog.=) 'e') ORDER BY 1");
  })));
  return standby;
}

Result<std::vector<std::string>> DatabaseSnapshot::granted()
{
  return first_column(TRY(apart([&] {
    return connection_.query(R"(
WITH tables AS (
  SELECT c.relowner, c.relacl FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  WHERE n.nspname OPERATOR(pg_catalog.=) 'public' AND c.relkind IN ('r', 'p'))
SELECT r.rolname FROM pg_catalog.pg_roles r
WHERE NOT r.rolsuper AND r.oid NOT IN (SELECT relowner FROM tables)
  AND (r.rolname OPERATOR(pg_catalog.=) current_user OR r.oid IN (
    SELECT a.grantee FROM tables t, pg_catalog.aclexplode(t.relacl) a))
ORDER BY 1)");
  })));
}

Result<> DatabaseSnapshot::read_table(const std::string& table)
{
  return apart([&]() -> Result<> {
    const Connection::Rows quoted =
        TRY(connection_.query("SELECT pg_catalog.quote_ident($1)", std::array{table}));
    return connection_.each_row("SELECT * FROM public." + quoted.at(0).at(0).value_or(""), {},
                                [](const Connection::Row&) -> Result<> { return {}; });
  });
}

Result<std::vector<std::string>> DatabaseSnapshot::unreadable_tables()
{
  return apart([&] { return tables_without_select(connection_); });
}

Result<> DatabaseSnapshot::check()
{
  TRY(connection_.query("SELECT 1"));
  return {};
}

Result<> DatabaseSnapshot::end()
{
  return connection_.end();
}

Result<> named_files_of(Connection& connection, NamedFile::Kind kind,
                        std::span<const std::string> ids, const NamedFileSink& sink)
{
  std::string array = "{";
  for (const std::string& id : ids) array += (array.size() > 1 ? "," : "") + ("\"" + id + "\"");
  return read_named_files(connection, kind, array + "}", sink);
}

}  // namespace ib
