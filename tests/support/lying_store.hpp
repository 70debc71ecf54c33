// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/faulty_store.hpp"

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

}  // namespace ib::test
