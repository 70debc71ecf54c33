// SPDX-License-Identifier: Apache-2.0
#include "manifest/totals.hpp"

#include "manifest/record_row.hpp"
#include "manifest/sql.hpp"
#include "manifest/working_copy.hpp"

namespace ib {
namespace {

StorageClass class_or(const Statement& row, int column, StorageClass unknown)
{
  if (row.is_null(column)) return unknown;
  return class_of(row.integer(column)).value_or(unknown);
}

/// Counts all files. `stored` gets the objects whose name is not written down; null: nobody asks.
Result<FileCounts> read_paths(const WorkingCopy& copy, StorageClass unknown, StoredTotals* stored)
{
  FileCounts counts;
  Statement path = TRY(copy.prepare(sql::kPathsAndContents));
  while (TRY(path.step())) {
    const bool gone = path.integer(0) != 0;
    const auto size = static_cast<std::uint64_t>(path.integer(1));
    (gone ? counts.archived : counts.files) += 1;
    (gone ? counts.archived_bytes : counts.bytes) += size;
    if (stored == nullptr || path.integer(3) == 0) continue;
    (*stored)[gone ? StoredKind::archived : StoredKind::originals][class_or(path, 2, unknown)] +=
        {.objects = 1, .bytes = size};
  }
  Statement others = TRY(copy.prepare(sql::kVersionsAndPlacements));
  TRY(others.step());
  counts.versions = static_cast<std::uint64_t>(others.integer(0));
  counts.placed = static_cast<std::uint64_t>(others.integer(1));
  return counts;
}

}  // namespace

Result<FileCounts> count_files(const Manifest& manifest)
{
  return read_paths(manifest.working_copy(), {}, nullptr);
}

Result<RowTotals> sum_up(const Manifest& manifest, StorageClass unknown)
{
  const WorkingCopy& copy = manifest.working_copy();
  const RoomForASorter room(copy.db.get());
  RowTotals totals;
  totals.counts = TRY(read_paths(copy, unknown, &totals.stored));
  Statement objects = TRY(copy.prepare(sql::kOtherObjects));
  while (TRY(objects.step())) {
    totals.stored[static_cast<StoredKind>(objects.integer(0))][class_or(objects, 2, unknown)] +=
        {.objects = 1, .bytes = static_cast<std::uint64_t>(objects.integer(1))};
  }
  return totals;
}

}  // namespace ib
