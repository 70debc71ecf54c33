// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/backup/backup_job.hpp"
#include "app/session.hpp"
#include "core/planning/change.hpp"
#include "core/planning/plan.hpp"
#include "postgres/connection.hpp"

#include <optional>

namespace ib {

/// Judges content that is not what the manifest has, with what Immich recorded for it as the
/// witness. The database is asked only when there is something to judge; where it cannot be, nobody
/// vouches.
class ChangeJudge {
public:
  /// Both must outlive it.
  ChangeJudge(const Session& session, const BackupJob& job) : session_(session), job_(job) {}

  /// What became of a known file whose content differs.
  Change judge(const FileToRead& item, const Content& read);

private:
  std::optional<Sha1> recorded(const std::string& path);

  const Session& session_;
  const BackupJob& job_;
  bool asked_ = false;
  std::optional<Connection> database_;
};

}  // namespace ib
