// SPDX-License-Identifier: Apache-2.0
#include "app/stored_dump.hpp"

#include "sys/gzip.hpp"
#include "sys/hash.hpp"

#include <utility>

namespace ib {

Result<> DumpCheck::update(ByteView plain_sql)
{
  TRY(trailer_.update(plain_sql));
  return inventory_.update(plain_sql);
}

Result<CheckedDump> DumpCheck::finish(const Content& stored) &&
{
  TRY(trailer_.require_complete());
  return CheckedDump{.bytes = stored.size,
                     .sha256 = stored.sha256,
                     .extensions = trailer_.extensions(),
                     .inventory = std::move(inventory_)};
}

Result<CheckedDump> check_stored_dump(const Session& session, const ObjectName& name,
                                      const std::optional<Sha256>& expected)
{
  return read_stored_dump(session, name, expected, [](ByteView) -> Result<> { return {}; });
}

Result<CheckedDump> read_stored_dump(const Session& session, const ObjectName& name,
                                     const std::optional<Sha256>& expected, const ByteSink& plain,
                                     const ByteSink& stored)
{
  DumpCheck check;
  GzipReader gzip([&](ByteView sql) -> Result<> {
    TRY(check.update(sql));
    return plain(sql);
  });
  ContentHasher hasher;
  const Result<> read = session.store.get(
      name,
      [&](ByteView bytes) -> Result<> {
        hasher.update(bytes);
        session.progress.advance(0, bytes.size());
        if (stored) TRY(stored(bytes));
        return gzip.write(bytes);
      },
      session.stop);
  if (!read && read.error().code == Errc::not_found)
    return fail(Errc::corrupt, name.value + ": the store does not hold it");
  if (!read) return std::unexpected(in_context(name.value, read.error()));
  const Content content = hasher.finish();
  if (expected && content.sha256 != *expected) {
    return fail(Errc::corrupt,
                name.value + ": its bytes are not those that were stored (the SHA-256 differs)");
  }
  TRY(gzip.finish().context(name.value));
  return std::move(check).finish(content).context(name.value);
}

}  // namespace ib
