// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "core/records/file_record.hpp"
#include "report/restore_points.hpp"
#include "report/status.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// How the backup is: its newest restore point, its newest complete one, when it was last verified.
Result<StatusReport> run_status(const Session& session);

/// All restore points.
Result<RestorePointsReport> run_restore_points(const Session& session);

struct LsJob {
  std::vector<std::string> patterns;  ///< as in .gitignore; none: everything
  std::optional<Timestamp> at;        ///< absent: the newest restore point
};

/// The files of a restore point, one by one, in path order.
Result<> run_ls(const Session& session, const LsJob& job,
                const std::function<Result<>(const FileRecord&)>& show);

}  // namespace ib
