// SPDX-License-Identifier: Apache-2.0
#include "manifest/fold.hpp"

#include "manifest/sql.hpp"
#include "manifest/working_copy.hpp"

namespace ib {

Result<std::uint64_t> fold_past(Manifest& manifest, std::span<const std::uint64_t> kept)
{
  TRY(manifest.commit());
  WorkingCopy& copy = manifest.working_copy();
  sqlite3* db = copy.db.get();
  const RoomForASorter room(db);
  Transaction transaction = TRY(Transaction::begin(db, "manifest"));
  TRY(execute(db, sql::kBeginFold, "manifest"));
  {
    Statement keep = TRY(copy.prepare(sql::kKeepGeneration));
    for (const std::uint64_t generation : kept) {
      keep.bind(1, static_cast<std::int64_t>(generation));
      TRY(keep.run());
    }
  }
  TRY(execute(db, sql::kFindFoldable, "manifest"));
  TRY(execute(db, sql::kSpareLastRows, "manifest"));
  std::uint64_t dropped = 0;
  for (const std::string_view sql : {sql::kFoldPast, sql::kFoldPaths}) {
    TRY(execute(db, sql, "manifest"));
    dropped += static_cast<std::uint64_t>(sqlite3_changes64(db));
  }
  TRY(execute(db, sql::kEndFold, "manifest"));
  TRY(transaction.commit());
  if (dropped > 0) TRY(copy.note_dropped());
  return dropped;
}

}  // namespace ib
