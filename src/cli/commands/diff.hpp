// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/query/diff.hpp"

#include <string>
#include <vector>

namespace ib {

/// `times` are A and B of `diff A B`.
Result<DiffJob> diff_job(const std::vector<std::string>& times, Timestamp now);

}  // namespace ib
