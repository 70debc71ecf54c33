// SPDX-License-Identifier: Apache-2.0
#include "core/pricing/storage_class.hpp"

#include <algorithm>

namespace ib {

std::string_view to_string(StorageClass storage_class)
{
  switch (storage_class) {
    case StorageClass::standard:
      return "STANDARD";
    case StorageClass::nearline:
      return "NEARLINE";
    case StorageClass::coldline:
      return "COLDLINE";
    case StorageClass::archive:
      return "ARCHIVE";
  }
  std::unreachable();
}

std::optional<StorageClass> parse_storage_class(std::string_view name)
{
  const auto* found = std::ranges::find(kStorageClasses, name, to_string);
  return found == kStorageClasses.end() ? std::nullopt : std::optional(*found);
}

}  // namespace ib
