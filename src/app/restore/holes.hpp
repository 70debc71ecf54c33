// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/findings.hpp"
#include "app/session.hpp"
#include "core/records/restore_point.hpp"
#include "repository/catalog.hpp"

#include <functional>
#include <string>

namespace ib {

/// Names as problems what a restore of `point` does not bring although the point's database names
/// it, as the point's own run has found out; and which other restore point has something at that
/// path. `wanted` chooses among the paths.
Result<> report_holes(const Session& session, Catalog& catalog, const RestorePoint& point,
                      const std::function<bool(const std::string& path)>& wanted,
                      Findings& findings);

}  // namespace ib
