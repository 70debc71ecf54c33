// SPDX-License-Identifier: Apache-2.0
//
// The storage classes of Google Cloud Storage
// (https://cloud.google.com/storage/docs/storage-classes).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace ib {

enum class StorageClass : std::uint8_t { standard, nearline, coldline, archive };

inline constexpr std::array kStorageClasses{StorageClass::standard, StorageClass::nearline,
                                            StorageClass::coldline, StorageClass::archive};

/// The name that Google uses, such as "ARCHIVE".
std::string_view to_string(StorageClass storage_class);
/// Absent for anything but the four names. Case matters.
std::optional<StorageClass> parse_storage_class(std::string_view name);

/// One value for each class.
template <class T>
class PerClass {
public:
  T& operator[](StorageClass storage_class) { return values_[std::to_underlying(storage_class)]; }
  const T& operator[](StorageClass storage_class) const
  {
    return values_[std::to_underlying(storage_class)];
  }
  bool operator==(const PerClass&) const = default;

private:
  std::array<T, kStorageClasses.size()> values_{};
};

}  // namespace ib
