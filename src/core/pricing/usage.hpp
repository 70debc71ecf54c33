// SPDX-License-Identifier: Apache-2.0
// What is asked of a bucket and what it keeps, in the units of Google Cloud Storage's bill
// (https://cloud.google.com/storage/pricing). A folder bills nothing, so everything is zero there.
#pragma once

#include "core/pricing/storage_class.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace ib {

/// Operations and read bytes, counted or expected.
struct Usage {
  struct OfClass {
    std::uint64_t class_a = 0;  ///< insert, rewrite; list, at the bucket's default class
    std::uint64_t class_b = 0;  ///< get; testIamPermissions, at the bucket's default class
    std::uint64_t retrieved_bytes =
        0;  ///< these also leave Google's network, because we are outside of it
    bool operator==(const OfClass&) const = default;
  };
  PerClass<OfClass> of;
  std::uint64_t free = 0;  ///< delete, tokens, and every refused request

  std::uint64_t class_a() const;
  std::uint64_t class_b() const;
  std::uint64_t retrieved_bytes() const;

  Usage& operator+=(const Usage& other);
  bool operator==(const Usage&) const = default;
};

/// The purpose of the objects in a backup.
enum class StoredKind : std::uint8_t {
  originals,  ///< content that the library has now
  archived,   ///< content of files that are gone from the library
  versions,   ///< earlier content of files that changed
  dumps,
  manifests,  ///< also restore points, marks of runs, and proofs
};
inline constexpr std::array kStoredKinds{StoredKind::originals, StoredKind::archived,
                                         StoredKind::versions, StoredKind::dumps,
                                         StoredKind::manifests};
std::string_view to_string(StoredKind kind);

struct StoredAmount {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;

  StoredAmount& operator+=(const StoredAmount& other);
  StoredAmount& operator-=(const StoredAmount& other);  ///< this must hold at least `other`
  bool operator==(const StoredAmount&) const = default;
};

/// What a store holds, by kind and class.
class StoredTotals {
public:
  PerClass<StoredAmount>& operator[](StoredKind kind) { return kinds_[std::to_underlying(kind)]; }
  const PerClass<StoredAmount>& operator[](StoredKind kind) const
  {
    return kinds_[std::to_underlying(kind)];
  }
  StoredAmount of(StoredKind kind) const;
  StoredAmount of(StorageClass storage_class) const;
  StoredAmount all() const;
  bool operator==(const StoredTotals&) const = default;

private:
  std::array<PerClass<StoredAmount>, kStoredKinds.size()> kinds_{};
};

}  // namespace ib
