// SPDX-License-Identifier: Apache-2.0
#include "app/backup/dump_retention.hpp"

#include "base/text.hpp"
#include "repository/dumps.hpp"
#include "repository/listing.hpp"
#include "repository/runs.hpp"

namespace ib {

Result<> DumpRetention::list()
{
  dumps_ = TRY(list_dump_objects(session_));
  return {};
}

void DumpRetention::remove_old(const ManifestListing& listing,
                               std::span<const UnfinishedRun> unfinished, std::uint64_t keep)
{
  const Result<std::vector<RemovableName>> old =
      old_dumps(session_, listing, dumps_, unfinished, keep);
  if (!old) {
    findings_.note("old dumps were not removed: " + old.error().message);
    return;
  }
  std::uint64_t removed = 0;
  for (const RemovableName& name : *old) {
    const Result<> gone = session_.store.remove(name, session_.stop);
    if (!gone && gone.error().code == Errc::denied) {
      denied_ = true;
      break;
    }
    if (!gone) {
      findings_.note("an old dump was not removed: " + gone.error().message);
      break;
    }
    std::erase_if(dumps_, [&](const ObjectInfo& dump) { return dump.name == name.name(); });
    ++removed;
  }
  if (removed > 0) {
    was_told_ = false;
    findings_.note(count_of(removed, "old dump", "old dumps") + " removed (--keep-last)");
  }
  if (!denied_ || was_told_) return;
  findings_.note(
      "dumps beyond --keep-last stay: this credential may not remove them, as it should be; "
      "`immich-backup prune` does it with one that may (this is said once)");
  was_told_ = true;
}

}  // namespace ib
