// SPDX-License-Identifier: Apache-2.0
#include "app/dump.hpp"

#include "immich/database.hpp"
#include "postgres/client_tools.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump.hpp"
#include "postgres/dump_text.hpp"
#include "sys/gzip.hpp"
#include "sys/hash.hpp"
#include "sys/parallel_gzip.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace ib {
namespace {

// Level 6 is gzip's own default: higher ones cost much time for a few percent.
constexpr int kGzipLevel = 6;

/// The database knows the version; what IMMICH_VERSION says is for where it does not.
std::string version_to_record(const ImmichFacts& facts, const std::string& hint,
                              std::vector<std::string>& notes)
{
  if (!facts.known_schema) {
    notes.emplace_back(
        "the database's tables are not those of an Immich version that this program knows: it is dumped all "
        "the same");
  }
  const std::string hinted =
      hint.empty() || hint.starts_with('v') || hint < "0" || hint > "9999" ? hint : "v" + hint;
  if (facts.version.empty()) return hinted.empty() ? "unknown" : hinted;
  // "release" and the like name a moving tag, not a version.
  const bool is_version =
      hinted.size() > 1 && hinted[0] == 'v' && hinted[1] >= '0' && hinted[1] <= '9' && hinted.contains('.');
  if (is_version && hinted != facts.version) {
    notes.push_back("IMMICH_VERSION says " + hinted + ", the database " + facts.version +
                    ": the database's word counts");
  }
  return facts.version;
}

/// Opens the object under the first free name from `time` on.
Result<std::pair<ObjectName, std::unique_ptr<ObjectWriter>>> create_dump_object(ObjectStore& store,
                                                                                Timestamp time,
                                                                                const std::string& version,
                                                                                const std::stop_token& stop)
{
  constexpr int kAttempts = 60;
  for (int attempt = 0;; ++attempt, time += std::chrono::seconds(1)) {
    ObjectName name = dump_name(time, version);
    Result<std::unique_ptr<ObjectWriter>> writer =
        store.create(name, {{"immich-version", version}}, "application/gzip", stop);
    if (writer) return std::pair{std::move(name), std::move(*writer)};
    if (writer.error().code != Errc::precondition_failed || attempt == kAttempts)
      return std::unexpected(std::move(writer).error());
  }
}

}  // namespace

Result<DumpPlan> plan_dump(const Session& session, const DatabaseSettings& database,
                           const std::string& version_hint, std::vector<std::string>& notes)
{
  Connection connection = TRY(Connection::open(database.address, session.stop));
  DumpPlan plan;
  plan.pg_dump = TRY(find_client("pg_dump", connection.server_major(), database.client_folder, session.stop));
  ImmichFacts facts;
  Result<ImmichFacts> read = read_immich_facts(connection);
  if (!read && read.error().code == Errc::cancelled) return std::unexpected(std::move(read).error());
  if (read) {
    facts = std::move(*read);
  } else {
    notes.push_back("the database does not say which Immich it belongs to: " + read.error().message);
  }
  plan.info = {.immich_version = version_to_record(facts, version_hint, notes),
               .schema_level = facts.schema_level,
               .assets = facts.assets};
  return plan;
}

Result<DumpInfo> dump_into_store(const Session& session, const DatabaseSettings& database, Timestamp time,
                                 const std::string& version_hint, std::vector<std::string>& notes)
{
  auto [pg_dump, info] = TRY(plan_dump(session, database, version_hint, notes));
  auto [name, writer] = TRY(create_dump_object(session.store, time, info.immich_version, session.stop));
  ContentHasher stored;
  ParallelGzipWriter gzip(
      [&](ByteView compressed) -> Result<> {
        stored.update(compressed);
        return writer->write(compressed);
      },
      kGzipLevel, ParallelGzipWriter::useful_threads());
  const auto compress = [&](ByteView plain) -> Result<> {
    session.progress.advance(0, plain.size());
    return gzip.write(plain);
  };
  const DumpOutcome outcome = TRY(dump_database(pg_dump, database.address, compress, session.stop));
  TRY(gzip.finish());
  const Content content = stored.finish();
  const ObjectInfo confirmed = TRY(writer->commit());
  if (confirmed.size != content.size || (confirmed.crc32c && *confirmed.crc32c != content.crc32c)) {
    return fail(Errc::corrupt, name.value + ": the store confirmed other bytes than were sent");
  }
  info.object = name;
  info.bytes = content.size;
  info.sha256 = content.sha256;
  info.plain_bytes = outcome.bytes;
  return info;
}

Result<CheckedDump> check_stored_dump(const Session& session, const ObjectName& name,
                                      const std::optional<Sha256>& expected)
{
  DumpTrailerCheck trailer;
  GzipReader gzip([&](ByteView plain) -> Result<> {
    trailer.update(plain);
    return {};
  });
  ContentHasher stored;
  const Result<> read = session.store.get(
      name,
      [&](ByteView bytes) {
        stored.update(bytes);
        session.progress.advance(0, bytes.size());
        return gzip.write(bytes);
      },
      session.stop);
  if (!read && read.error().code == Errc::not_found)
    return fail(Errc::corrupt, name.value + ": the store does not hold it");
  if (!read) return std::unexpected(in_context(name.value, read.error()));
  const Content content = stored.finish();
  if (expected && content.sha256 != *expected) {
    return fail(Errc::corrupt,
                name.value + ": its bytes are not those that were stored (the SHA-256 differs)");
  }
  TRY(gzip.finish().context(name.value));
  TRY(trailer.require_complete().context(name.value));
  return CheckedDump{.bytes = content.size, .sha256 = content.sha256, .extensions = trailer.extensions()};
}

Result<PerClass<StoredAmount>> list_dumps(const Session& session)
{
  PerClass<StoredAmount> dumps;
  const std::unique_ptr<ObjectCursor> cursor = TRY(session.store.list(std::string(kDatabasePrefix), ""));
  while (std::optional<ObjectInfo> info = TRY(cursor->next()))
    dumps[info->storage_class.value_or(StorageClass::standard)] += {.objects = 1, .bytes = info->size};
  return dumps;
}

}  // namespace ib
