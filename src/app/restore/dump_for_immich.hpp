// SPDX-License-Identifier: Apache-2.0
//
// A dump where Immich itself restores it: since 2.5 its page Maintenance, and the first page of a
// new server, list what lies in the media root's backups/.
#pragma once

#include "app/session.hpp"
#include "core/records/restore_point.hpp"
#include "sys/file.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// Whether `relative`, a path below the media root, is one that place_dump_for_immich() gives.
bool is_dump_for_immich(std::string_view relative);

/// Puts the dump of a restore point below `target`, the media root, and returns its path there:
/// "backups/restored-20260115T030000-v3.1.0-dump.sql.gz", which Immich lists with its version. Its
/// owner alone may read it, since it holds the users' password hashes. One that is there is
/// replaced.
///
/// The dump is compared with its recorded SHA-256 and read to its last line: corrupt where it is
/// damaged. invalid where nobody has signed the restore point, or the dump holds what psql would
/// take for a command: Immich gives it to a psql that nothing restricts.
Result<std::string> place_dump_for_immich(const Session& session, const RestorePoint& point,
                                          const Folder& target, std::optional<Owner> owner);

}  // namespace ib
