// SPDX-License-Identifier: Apache-2.0
#include "manifest/working_copy.hpp"

#include "manifest/sql.hpp"

namespace ib {

Result<> WorkingCopy::begin_group()
{
  if (!group) group.emplace(TRY(Transaction::begin(db.get(), "manifest")));
  return {};
}

Result<> WorkingCopy::commit()
{
  if (!group) return {};
  TRY(group->commit());
  group.reset();
  return {};
}

Result<> WorkingCopy::track_changes()
{
  if (tracks_changes) return {};
  TRY(commit());  // SQLite attaches nothing within a transaction
  TRY(attach(db.get(), file + ".changes", "changes"));
  TRY(execute(db.get(), sql::kTrackChanges, "manifest"));
  tracks_changes = true;
  return {};
}

Result<> WorkingCopy::note_dropped()
{
  ++revision;
  return tracks_changes ? execute(db.get(), sql::kForgetDropped, "manifest") : Result<>();
}

}  // namespace ib
