// SPDX-License-Identifier: Apache-2.0
#include "app/stored_dump.hpp"

#include "postgres/dump_text.hpp"
#include "sys/gzip.hpp"
#include "sys/hash.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace ib {

Result<CheckedDump> check_stored_dump(const Session& session, const ObjectName& name,
                                      const std::optional<Sha256>& expected)
{
  return read_stored_dump(session, name, expected, [](ByteView) -> Result<> { return {}; });
}

Result<CheckedDump> read_stored_dump(const Session& session, const ObjectName& name,
                                     const std::optional<Sha256>& expected, const ByteSink& sink)
{
  DumpTrailerCheck trailer;
  DumpInventory inventory;
  GzipReader gzip([&](ByteView plain) -> Result<> {
    trailer.update(plain);
    inventory.update(plain);
    return sink(plain);
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
  return CheckedDump{.bytes = content.size,
                     .sha256 = content.sha256,
                     .extensions = trailer.extensions(),
                     .inventory = std::move(inventory)};
}

Result<std::vector<ObjectInfo>> list_dump_objects(const Session& session)
{
  std::vector<ObjectInfo> dumps;
  const std::unique_ptr<ObjectCursor> cursor =
      TRY(session.store.list(std::string(kDatabasePrefix), ""));
  while (std::optional<ObjectInfo> info = TRY(cursor->next())) dumps.push_back(std::move(*info));
  return dumps;
}

PerClass<StoredAmount> amounts_of(const std::vector<ObjectInfo>& dumps)
{
  PerClass<StoredAmount> amounts;
  for (const ObjectInfo& dump : dumps)
    amounts[dump.storage_class.value_or(StorageClass::standard)] +=
        {.objects = 1, .bytes = dump.size};
  return amounts;
}

Result<RestorePoint> choose_dumped_restore_point(const Session& session,
                                                 const ManifestListing& listing,
                                                 std::optional<Timestamp> at,
                                                 std::vector<std::string>& notes)
{
  if (at && std::ranges::find(listing.restore_points, *at, &ManifestListing::Entry::time) !=
                listing.restore_points.end())
    return choose_restore_point(session, listing, at);
  std::set<ObjectName> dumps;
  for (const ObjectInfo& dump : TRY(list_dump_objects(session))) dumps.insert(dump.name);
  return choose_good_restore_point(session, listing, at, notes, [&](const PointFacts& facts) {
    return facts.dump && dumps.contains(*facts.dump);
  });
}

}  // namespace ib
