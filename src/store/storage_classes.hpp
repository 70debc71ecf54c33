// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pricing/storage_class.hpp"

#include <cstdint>
#include <functional>

namespace ib {

/// Which storage class each kind of object gets when it is inserted (a patch cannot change it
/// later).
struct StorageClasses {
  /// library/, versions/, hashed/: by an object's size. Kept for ever.
  std::function<StorageClass(std::uint64_t size)> files = [](std::uint64_t) {
    return StorageClass::archive;
  };
  StorageClass dumps = StorageClass::standard;
  /// Manifests, runs/, proofs/: small, and listed and read each night.
  StorageClass control = StorageClass::standard;
};

}  // namespace ib
