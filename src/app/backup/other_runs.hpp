// SPDX-License-Identifier: Apache-2.0
//
// One backup at a time: a run defers to another one of the same store that goes on.
#pragma once

#include "app/backup/backup_job.hpp"
#include "app/findings.hpp"
#include "app/session.hpp"
#include "repository/runs.hpp"

#include <span>
#include <string>
#include <vector>

namespace ib {

/// The runs that began and did not end, none of which goes on. `unavailable` if one does. Where
/// that cannot be told, since it is another machine's or container's and was seen a short while
/// ago, waits until it shows another sign, ends, or has been silent for long enough. Parts of a
/// fleet run beside each other and do not defer to each other; a dry run, and a backup of the
/// database alone, defer to nobody.
Result<std::vector<UnfinishedRun>> runs_to_take_in(const Session& session, const BackupJob& job,
                                                   Findings& findings);

/// To be called once this run has a begin mark. `unavailable` if another one has begun since
/// `known` were found, goes on, and was first: both looked for others when none had begun.
Result<> require_to_be_first(const Session& session, const BackupJob& job,
                             const std::string& own_run, std::span<const UnfinishedRun> known);

}  // namespace ib
