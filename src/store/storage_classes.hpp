// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pricing/storage_class.hpp"

#include <cstdint>
#include <functional>

namespace ib {

/// The storage class that each kind of object gets when it is created. A patch cannot change it
/// later.
struct StorageClasses {
  /// library/, versions/, hashed/: by the object's size. These are kept for ever.
  std::function<StorageClass(std::uint64_t size)> files = [](std::uint64_t) {
    return StorageClass::archive;
  };
  StorageClass dumps = StorageClass::standard;
  /// Manifests, runs/ and proofs/: small objects, which each night lists and reads.
  StorageClass control = StorageClass::standard;
};

}  // namespace ib
