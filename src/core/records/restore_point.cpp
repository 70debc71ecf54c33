// SPDX-License-Identifier: Apache-2.0
#include "core/records/restore_point.hpp"

#include <algorithm>

namespace ib {

unsigned Seeding::percent() const
{
  if (bytes == 0) return 0;
  const std::uint64_t done = bytes - std::min(bytes, bytes_left);
  return static_cast<unsigned>(static_cast<double>(done) * 100 / static_cast<double>(bytes));
}

std::optional<std::uint64_t> Seeding::days_left() const
{
  if (bytes_per_day == 0) return std::nullopt;
  return bytes_left / bytes_per_day + (bytes_left % bytes_per_day == 0 ? 0 : 1);
}

bool RestorePoint::is_complete() const
{
  const bool has_good_dump = database && database->is_good();
  if (covers.database && !has_good_dump) return false;
  if (!covers.files) return covers.database;
  if (covers.part) return false;
  if (!covers.database) return missed == 0;
  // A database that names none of the files is not theirs.
  return audit && placed_for && audit->unprotected() == 0 &&
         (audit->originals > 0 || audit->unknown == 0 || accepts_changes);
}

}  // namespace ib
