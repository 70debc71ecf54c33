// SPDX-License-Identifier: Apache-2.0
#include "core/pricing/usage.hpp"

namespace ib {
namespace {

std::uint64_t sum(const Usage& usage, std::uint64_t Usage::OfClass::*member)
{
  std::uint64_t total = 0;
  for (const StorageClass each : kStorageClasses) total += usage.of[each].*member;
  return total;
}

}  // namespace

std::uint64_t Usage::class_a() const
{
  return sum(*this, &OfClass::class_a);
}
std::uint64_t Usage::class_b() const
{
  return sum(*this, &OfClass::class_b);
}
std::uint64_t Usage::retrieved_bytes() const
{
  return sum(*this, &OfClass::retrieved_bytes);
}

Usage& Usage::operator+=(const Usage& other)
{
  for (const StorageClass each : kStorageClasses) {
    of[each].class_a += other.of[each].class_a;
    of[each].class_b += other.of[each].class_b;
    of[each].retrieved_bytes += other.of[each].retrieved_bytes;
  }
  free += other.free;
  return *this;
}

std::string_view to_string(StoredKind kind)
{
  switch (kind) {
    case StoredKind::originals:
      return "originals";
    case StoredKind::archived:
      return "archived";
    case StoredKind::versions:
      return "versions";
    case StoredKind::dumps:
      return "dumps";
    case StoredKind::manifests:
      return "manifests";
  }
  std::unreachable();
}

StoredAmount& StoredAmount::operator+=(const StoredAmount& other)
{
  objects += other.objects;
  bytes += other.bytes;
  return *this;
}

StoredAmount& StoredAmount::operator-=(const StoredAmount& other)
{
  objects -= other.objects;
  bytes -= other.bytes;
  return *this;
}

StoredAmount StoredTotals::of(StoredKind kind) const
{
  StoredAmount total;
  for (const StorageClass each : kStorageClasses) total += (*this)[kind][each];
  return total;
}

StoredAmount StoredTotals::of(StorageClass storage_class) const
{
  StoredAmount total;
  for (const StoredKind each : kStoredKinds) total += (*this)[each][storage_class];
  return total;
}

StoredAmount StoredTotals::all() const
{
  StoredAmount total;
  for (const StoredKind each : kStoredKinds) total += of(each);
  return total;
}

}  // namespace ib
