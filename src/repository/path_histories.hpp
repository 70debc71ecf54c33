// SPDX-License-Identifier: Apache-2.0
//
// The life of a path with the restore points that bring each of its states back.
#pragma once

#include "core/records/path_history.hpp"
#include "repository/catalog.hpp"
#include "repository/point_files.hpp"
#include "repository/restore_points.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// Generations tell which restore points bring a state back, as long as each run knew of the one
/// before. Where two did not, a later run need not have what another one recorded: what a restore
/// point brings is then looked up in its own manifest, which may have to be fetched. One thread at
/// a time.
class PathHistories {
public:
  /// Both must outlive it, and nothing be written to the catalog's manifest.
  static Result<PathHistories> open(const RepositoryContext& repository, Catalog& catalog);

  /// `states` of one path, the oldest first, as Manifest::history() returns them.
  Result<PathHistory> of(std::vector<PathState> states);

private:
  PathHistories(const RepositoryContext& repository, Catalog& catalog,
                std::vector<RestorablePoint> points);
  Result<bool> brings(Timestamp point, const PathState& state);

  const RepositoryContext& repository_;
  Catalog& catalog_;
  std::vector<RestorablePoint> points_;
  bool has_forks_ = false;
  std::map<Timestamp, PointFiles> opened_;
};

}  // namespace ib
