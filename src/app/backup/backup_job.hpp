// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/digest.hpp"
#include "core/names/extra_root.hpp"
#include "core/planning/change.hpp"
#include "core/selection/scope.hpp"
#include "core/selection/shard.hpp"
#include "postgres/database_settings.hpp"
#include "repository/runs.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// A file that the owner knows to be lost: no reason any more to call a restore point incomplete.
struct AcceptedLoss {
  std::string what;  ///< the asset's id, or a path below the media root
  std::string reason;
  /// `what` as one, if it can be one: of files that are neither in the library nor in the backup.
  std::optional<PathPattern> pattern = {};
};

/// A file of the library that its owner has edited in place: these bytes are what is restored at
/// that path, and not those that Immich recorded.
struct AcceptedEdit {
  std::string path;  ///< below the media root, with a leading slash
  Sha256 sha256;     ///< of the edited bytes: a later change is not accepted with it
};

struct BackupJob {
  std::optional<std::string> library;        ///< the media root; absent with --no-files
  std::vector<ExtraRoot> extra_roots;        ///< folders beside the media root
  std::optional<DatabaseSettings> database;  ///< absent with --no-database
  std::vector<std::string> include;          ///< more than the default folders
  std::vector<std::string> exclude;
  std::string immich_version;  ///< what IMMICH_VERSION says, for where the database cannot
  bool dry_run = false;
  bool rehash = false;  ///< read every file again, also those that look unchanged
  /// Read every n-th of those that look unchanged, another part each run; 0: none.
  std::uint32_t rehash_share = 0;
  /// When no more files are begun; absent: never.
  std::optional<std::chrono::steady_clock::time_point> time_limit = std::nullopt;
  /// What was recorded is stored so often, whichever comes first: a run that is killed then costs
  /// no more than that.
  std::chrono::milliseconds checkpoint_interval = std::chrono::minutes(10);
  std::uint64_t checkpoint_bytes = std::uint64_t{4} << 30;
  /// How often this run shows that it goes on, and after how long without that another is over.
  std::chrono::milliseconds heartbeat_interval = kHeartbeatInterval;
  std::chrono::milliseconds silence = kSilence;
  Tripwire tripwire = {};
  std::vector<AcceptedLoss> accepted_losses = {};
  std::vector<AcceptedEdit> accepted_edits = {};
  std::uint64_t keep_dumps =
      0;  ///< how many good dumps are kept, where the credential may remove; 0: all
  /// Only this part of the library: what it stores is left below runs/, as an interrupted run
  /// leaves it, for the next backup of the whole, which alone marks what is gone, audits and
  /// commits a manifest. A restore point is written for a dump's sake alone, and is incomplete.
  std::optional<Shard> shard = std::nullopt;
  bool accept_changes = false;  ///< whatever vanished or changed was meant to
};

/// How a server that runs on this machine may name the media root: its folder, and the same without
/// links. Empty without a library.
std::vector<std::string> names_of_library(const BackupJob& job);

/// Whether the owner has accepted that the file at `path` holds this.
inline bool accepts_edit(const BackupJob& job, std::string_view path, const Sha256& sha256)
{
  return std::ranges::any_of(job.accepted_edits, [&](const AcceptedEdit& edit) {
    return edit.path == path && edit.sha256 == sha256;
  });
}

}  // namespace ib
