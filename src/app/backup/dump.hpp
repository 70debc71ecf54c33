// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/findings.hpp"
#include "app/session.hpp"
#include "core/records/restore_point.hpp"
#include "immich/snapshot.hpp"
#include "postgres/database_settings.hpp"

#include <functional>
#include <string>
#include <vector>

namespace ib {

/// How the database would be dumped: with which program, and what is known of it before. Changes
/// nothing.
struct DumpPlan {
  std::string pg_dump;
  DumpInfo info;  ///< the object and its size are not known yet
  ImmichFacts facts;
};
Result<DumpPlan> plan_dump(const Session& session, const DatabaseSettings& database,
                           const std::string& version_hint, std::vector<std::string>& notes);

/// Reads of the database, at the instant of its dump, what else is wanted of it. It begins anew
/// each time it is called: a dump whose session died is taken again, with another instant. An error
/// ends the dump.
using SnapshotReader =
    std::function<Result<>(DatabaseSnapshot& snapshot, const ImmichFacts& facts)>;

/// Dumps the database straight into an object under database/, which becomes visible only once
/// pg_dump has ended well and its last line was seen. A server that does not answer, or goes away
/// meanwhile, is waited for; unavailable if it stays away. `time` dates its name; `version_hint` is
/// what IMMICH_VERSION says. `read` is called before pg_dump, which sees what it saw; no
/// transaction is open afterwards. `notes` takes what is odd but harms nothing.
Result<DumpInfo> dump_into_store(const Session& session, const DatabaseSettings& database,
                                 Timestamp time, const std::string& version_hint,
                                 const SnapshotReader& read, std::vector<std::string>& notes);

/// Says what is wrong with a dump. One of an Immich that has lost most of its assets is marked as
/// suspect: it is no reason to give up an earlier one. `good_assets`: in the last good dump; absent
/// where nothing is to be compared.
void judge_dump(DumpInfo& dump, std::optional<std::uint64_t> good_assets, Findings& findings);

}  // namespace ib
