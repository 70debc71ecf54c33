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
  // The amount that a row's columns kind, size and class, from `first` on, belong to.
  const auto amount = [&](const Statement& row, int first) -> StoredAmount& {
    const std::optional<StorageClass> known =
        row.is_null(first + 2) ? std::nullopt : class_of(row.integer(first + 2));
    return totals[static_cast<StoredKind>(row.integer(first))][known.value_or(unknown)];
  };
  const auto size = [](const Statement& row, int column) {
    return StoredAmount{.objects = 1, .bytes = static_cast<std::uint64_t>(row.integer(column))};
  };
  const WorkingCopy& copy = manifest.working_copy();
  Statement own = TRY(copy.prepare(sql::kOwnObjects));
  while (TRY(own.step())) amount(own, 0) += size(own, 1);

  const RoomForASorter room(copy.db.get());
  Statement named = TRY(copy.prepare(sql::kNamedObjects));
  Statement of_path = TRY(copy.prepare(sql::kOwnObjectNamed));
  while (TRY(named.step())) {
    of_path.bind(1, named.text(0));
    const bool counted = TRY(of_path.step());
    const bool is_better = counted && named.integer(1) < of_path.integer(0);
    if (is_better) amount(of_path, 0) -= size(of_path, 1);
    if (is_better || !counted) amount(named, 1) += size(named, 2);
    of_path.reset();
  }
  return totals;
}

}  // namespace ib
