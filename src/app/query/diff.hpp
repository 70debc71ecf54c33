// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/session.hpp"
#include "core/records/difference.hpp"
#include "report/diff.hpp"

#include <functional>
#include <optional>

namespace ib {

struct DiffJob {
  std::optional<Timestamp> from, to;  ///< absent: the newest restore point
};

/// What differs between two restore points, one by one, in path order; the report sums it up.
Result<DiffReport> run_diff(const Session& session, const DiffJob& job,
                            const std::function<Result<>(const Difference&)>& show);

}  // namespace ib
