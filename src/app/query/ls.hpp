// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "core/records/file_record.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ib {

struct LsJob {
  std::vector<std::string> patterns;  ///< as in .gitignore; none: everything
  std::optional<Timestamp> at;        ///< absent: the restore point that a restore takes
  bool as_in_library = false;         ///< as `restore --as-in-library` brings them
};

/// The files that a restore of a restore point brings, one by one, in path order.
Result<> run_ls(const Session& session, const LsJob& job,
                const std::function<Result<>(const FileRecord&)>& show);

}  // namespace ib
