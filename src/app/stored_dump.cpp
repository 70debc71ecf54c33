// SPDX-License-Identifier: Apache-2.0
#include "app/stored_dump.hpp"

#include "postgres/dump_text.hpp"
#include "sys/gzip.hpp"
#include "sys/hash.hpp"

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
    TRY(trailer.update(plain));
    TRY(inventory.update(plain));
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

}  // namespace ib
