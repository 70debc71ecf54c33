// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/faulty_store.hpp"
#include "sys/hash.hpp"

#include <span>
#include <vector>

namespace ib::test {

/// A store that stores what it is given, and confirms another checksum: as if the bytes had changed
/// on their way, and nobody had noticed.
class LyingStore final : public FaultyStore {
public:
  using FaultyStore::FaultyStore;

  Result<ObjectInfo> put(const NewObject& object, ByteSource& source,
                         const std::stop_token& stop) override
  {
    ObjectInfo info = TRY(FaultyStore::put(object, source, stop));
    if (info.crc32c) info.crc32c->value ^= 1;
    return info;
  }
};

/// A store that gets other bytes than were sent, does not notice, and tells what it has got.
class DamagingStore final : public FaultyStore {
public:
  using FaultyStore::FaultyStore;

  Result<ObjectInfo> put(const NewObject& object, ByteSource& source,
                         const std::stop_token& stop) override
  {
    std::vector<std::byte> bytes(object.size);
    std::size_t have = 0;
    while (const std::size_t n = TRY(source.read(std::span(bytes).subspan(have)))) have += n;
    bytes.back() ^= std::byte{1};
    // It would not store a file that has changed.
    std::byte more{};
    if (TRY(source.read({&more, 1})) > 0) return fail(Errc::corrupt, "has too many bytes");
    NewObject damaged = object;
    damaged.crc32c = crc32c(bytes);
    MemorySource memory(bytes);
    return FaultyStore::put(damaged, memory, stop);
  }
};

}  // namespace ib::test
