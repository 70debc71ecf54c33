// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "core/records/path_history.hpp"
#include "report/find.hpp"

#include <functional>
#include <string>
#include <vector>

namespace ib {

struct FindJob {
  std::vector<std::string> names;  ///< parts of paths, or patterns (NameQuery)
  std::vector<Sha256> sha256s;
  std::vector<Sha1> sha1s;
  /// Files of this machine, and folders with all files below them: is their content in the backup?
  std::vector<std::string> files;
};

/// A path that ever was.
struct FoundPath {
  /// Its newest state; where a content is looked for, its newest state with that.
  PathState state;
  std::string file = {};  ///< of FindJob::files, which has this content
};

struct FindSink {
  std::function<Result<>(const FoundPath&)> found;
  /// What was not found, or could not be read; the report has it, too.
  std::function<Result<>(const Problem&)> problem;
};

/// Looks over all paths that ever were: names first, then each content in turn. Of names, one is
/// enough.
Result<FindReport> run_find(const Session& session, const FindJob& job, const FindSink& sink);

}  // namespace ib
