// SPDX-License-Identifier: Apache-2.0
#include "manifest/totals.hpp"

#include "manifest/record_row.hpp"
#include "manifest/sql.hpp"
#include "manifest/working_copy.hpp"

namespace ib {

Result<FileCounts> count_files(const Manifest& manifest)
{
  Statement row = TRY(manifest.working_copy().prepare(sql::kCounts));
  TRY(row.step());
  return FileCounts{.files = static_cast<std::uint64_t>(row.integer(0)),
                    .bytes = static_cast<std::uint64_t>(row.integer(1)),
                    .archived = static_cast<std::uint64_t>(row.integer(2)),
                    .archived_bytes = static_cast<std::uint64_t>(row.integer(3)),
                    .versions = static_cast<std::uint64_t>(row.integer(4)),
                    .placed = static_cast<std::uint64_t>(row.integer(5))};
}

Result<StoredTotals> stored_totals(const Manifest& manifest, StorageClass unknown)
{
  StoredTotals totals;
  const WorkingCopy& copy = manifest.working_copy();
  const RoomForASorter room(copy.db.get());
  for (const std::string_view sql : {sql::kUnnamedObjects, sql::kOtherObjects}) {
    Statement objects = TRY(copy.prepare(sql));
    while (TRY(objects.step())) {
      const std::optional<StorageClass> known =
          objects.is_null(2) ? std::nullopt : class_of(objects.integer(2));
      totals[static_cast<StoredKind>(objects.integer(0))][known.value_or(unknown)] +=
          {.objects = 1, .bytes = static_cast<std::uint64_t>(objects.integer(1))};
    }
  }
  return totals;
}

}  // namespace ib
