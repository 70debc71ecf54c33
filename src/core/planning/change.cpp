// SPDX-License-Identifier: Apache-2.0
#include "core/planning/change.hpp"

namespace ib {

Change judge_change(ReadReason reason, const Content& known, const Content& read,
                    const std::optional<Sha1>& immich)
{
  if (immich && *immich == read.sha1) return Change::edited;
  const bool looks_unchanged = reason == ReadReason::rehash || reason == ReadReason::suspect ||
                               reason == ReadReason::doubted;
  if (immich && known.has_sha1 && *immich == known.sha1)
    return looks_unchanged ? Change::damaged : Change::edited_in_place;
  return looks_unchanged ? Change::unexplained : Change::edited;
}

bool Tripwire::trips(std::uint64_t lost, std::uint64_t known) const
{
  return lost >= least && static_cast<double>(lost) > share * static_cast<double>(known);
}

}  // namespace ib
