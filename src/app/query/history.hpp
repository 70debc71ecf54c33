// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "core/records/path_history.hpp"

#include <functional>
#include <string>
#include <vector>

namespace ib {

struct HistoryJob {
  /// Each a path below the media root, with or without its leading slash; else the name of an
  /// object in the store, or a pattern as in .gitignore.
  std::vector<std::string> paths;
};

/// The lives of those paths, in path order. invalid, once all others were shown, if one never was.
Result<> run_history(const Session& session, const HistoryJob& job,
                     const std::function<Result<>(const PathHistory&)>& show);

}  // namespace ib
